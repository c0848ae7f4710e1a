import java.util.List;

/**
 * Says in one line which test profiles a Maven run left out; given their names, empty where one was
 * run.
 */
final class LeftOut {
  public static void main(String[] arguments) {
    List<String> names = List.of(arguments).stream().filter(name -> !name.isBlank()).toList();
    if (!names.isEmpty()) {
      System.out.println(
          "[loupe] not run here: "
              + String.join(", ", names)
              + " (mvn verify -P "
              + String.join(",", names)
              + ")");
    }
  }
}
