package dev.loupe.interpret;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import dev.loupe.judge.Answer;
import dev.loupe.judge.Judge;
import dev.loupe.judge.Outcome;
import dev.loupe.judge.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the prompt as a person would and answers truly, from the words of the description alone.
 */
final class PlantedJudge implements Judge {
  private static final Pattern WORD = Pattern.compile("Description: the word '(\\w+)'");
  private static final Pattern LINE = Pattern.compile("(?m)^\\[(\\d+)\\] (.*)$");
  private static final Pattern PASSAGE =
      Pattern.compile("(?s)Passage (\\d+):\\n(.*?)(?=\\nPassage|\\z)");
  private static final Pattern MARK = Pattern.compile("«(.+?)»");
  private static final Pattern TOKEN = Pattern.compile("(?m)^(\\d+)\\t(.*)$");

  @Override
  public Answer ask(Question question) {
    ObjectNode answer =
        switch (question.stage()) {
          case "detection" ->
              items(question, (word, line) -> (" " + line + " ").contains(" " + word + " "));
          case "fuzzing" -> items(question, PlantedJudge::marksAllOf);
          case "intruder" -> intruder(question.user());
          case "simulation" -> simulation(question.user());
          default -> throw new IllegalArgumentException(question.stage());
        };
    return new Answer(Outcome.ANSWERED, answer.toString(), "");
  }

  private interface Rule {
    boolean holds(String word, String line);
  }

  private static ObjectNode items(Question question, Rule rule) {
    String word = word(question.user());
    ObjectNode answer = Json.mapper().createObjectNode();
    ArrayNode items = answer.putArray("items");
    lines(question.user())
        .forEach((id, line) -> {
          boolean active = rule.holds(word, line);
          items.addObject().put("id", id).put("active", active).put("p", active ? 0.9 : 0.2);
        });
    return answer;
  }

  private static boolean marksAllOf(String word, String line) {
    String unmarked = MARK.matcher(line).replaceAll("");
    return !marks(line).isEmpty()
        && marks(line).stream().allMatch(word::equals)
        && !(" " + unmarked + " ").contains(" " + word + " ");
  }

  /** The line whose marks are others than those of most. */
  private static ObjectNode intruder(String user) {
    Map<Integer, String> lines = lines(user);
    Map<String, Long> counts =
        lines.values().stream()
            .flatMap(line -> marks(line).stream().distinct())
            .collect(
                Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    int odd = 1;
    long least = Long.MAX_VALUE;
    for (Map.Entry<Integer, String> line : lines.entrySet()) {
      long common = marks(line.getValue()).stream().mapToLong(counts::get).max().orElse(0);
      if (common < least) {
        least = common;
        odd = line.getKey();
      }
    }
    return Json.mapper().createObjectNode().put("intruder", odd);
  }

  private static ObjectNode simulation(String user) {
    String word = word(user);
    ObjectNode answer = Json.mapper().createObjectNode();
    ArrayNode items = answer.putArray("items");
    PASSAGE
        .matcher(user)
        .results()
        .forEach(passage -> {
          ObjectNode item = items.addObject().put("id", Integer.parseInt(passage.group(1)));
          ArrayNode tokens = item.putArray("tokens");
          TOKEN
              .matcher(passage.group(2))
              .results()
              .filter(token -> token.group(2).strip().equals(word))
              .forEach(token ->
                  tokens.addObject().put("n", Integer.parseInt(token.group(1))).put("value", 8));
        });
    return answer;
  }

  static Map<Integer, String> lines(String user) {
    return LINE.matcher(user)
        .results()
        .collect(
            Collectors.toMap(
                line -> Integer.parseInt(line.group(1)),
                line -> line.group(2),
                (a, b) -> a,
                TreeMap::new));
  }

  private static List<String> marks(String line) {
    List<String> marks = new ArrayList<>();
    MARK.matcher(line)
        .results()
        .map(mark -> mark.group(1).split(" "))
        .map(List::of)
        .forEach(marks::addAll);
    return marks;
  }

  private static String word(String user) {
    return WORD.matcher(user)
        .results()
        .findFirst()
        .map((MatchResult m) -> m.group(1))
        .orElseThrow();
  }
}
