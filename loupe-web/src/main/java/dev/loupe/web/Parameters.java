package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Parameters of requests, each checked before it is used. */
final class Parameters {
  private static final int LONGEST = 4_000;

  private Parameters() {}

  static DictionaryName dictionary(String text) {
    return parsed(text, DictionaryName::parse);
  }

  /** The dictionary in the path. */
  static DictionaryName dictionary(ServerRequest request) {
    return dictionary(request.path().pathParameters().get("dictionary"));
  }

  /** The feature in the path: the dictionary and its number. */
  static FeatureName feature(ServerRequest request) {
    String number = request.path().pathParameters().get("feature");
    return parsed(
        request.path().pathParameters().get("dictionary") + "/" + number, FeatureName::parse);
  }

  /** A query parameter, or what stands for it. */
  static String text(ServerRequest request, String name, String otherwise) {
    return bounded(request.query().first(name).orElse(otherwise));
  }

  static int number(ServerRequest request, String name, int otherwise, int least, int most) {
    String text = text(request, name, String.valueOf(otherwise));
    int value = text.matches("-?\\d{1,9}") ? Integer.parseInt(text) : least - 1;
    if (value < least || value > most) {
      throw new RequestException(
          400,
          "expected %s from %d to %d, got '%s'".formatted(name, least, most, Gate.printable(text)));
    }
    return value;
  }

  /** A query parameter with parts between commas; none where it is absent or empty. */
  static <T> List<T> list(ServerRequest request, String name, int most, Function<String, T> parse) {
    List<String> parts =
        Stream.of(text(request, name, "").split(",")).filter(part -> !part.isBlank()).toList();
    if (parts.size() > most) {
      throw new RequestException(
          400, "expected at most %d in %s, got %d".formatted(most, name, parts.size()));
    }
    return parts.stream().map(part -> parsed(part, parse)).toList();
  }

  /** A value from a text of the client's; what the parser refuses is the client's error. */
  static <T> T parsed(String text, Function<String, T> parse) {
    try {
      return parse.apply(bounded(text));
    } catch (IllegalArgumentException e) {
      throw new RequestException(400, Gate.printable(String.valueOf(e.getMessage())));
    }
  }

  private static String bounded(String text) {
    if (text.length() > LONGEST) {
      throw new RequestException(
          400,
          "expected a parameter of at most %d characters, got %d"
              .formatted(LONGEST, text.length()));
    }
    return text;
  }
}
