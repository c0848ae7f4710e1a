package dev.loupe.judge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be read of what a language model wrote. */
final class LenientJsonTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\":1} | {\"a\":1}",
        "{\"a\":1,\"b\":[true,null,\"x\",-2.5,{\"c\":{}}]} |"
            + " {\"a\":1,\"b\":[true,\"x\",-2.5,{\"c\":{}}]}",
        "set {x,y} and {\"a\":1} or {z | {\"a\":1}",
        "{\"a\":1} no: {\"a\":2} | {\"a\":2}",
        "{\"a\":1} ends {} | {\"a\":1}",
        "{} | {}",
        "{\"a\":[{\"i\":1},{\"i\":2},{\"i\" | {\"a\":[{\"i\":1},{\"i\":2}]}",
        "{\"a\":[{\"i\":1},{\"i\":maybe},{\"i\":3}]} | {\"a\":[{\"i\":1}]}",
        "{\"a\":1,\"b\":\"cut sho | {\"a\":1}",
        "{\"a\":{\"b\":1,\"c\": | {\"a\":{\"b\":1}}",
        "x {\"a\":12345} {\"b\":2, | {\"a\":12345}",
      })
  void finds(String text, String json) {
    assertThat(LenientJson.find(text)).map(JsonNode::toString).hasValue(json);
  }

  @Test
  void findsNothingWhereThereIsNothing() {
    for (String text : new String[] {"", "no", "[1,2]", "{", "{x}", "}{", "{".repeat(5_000)}) {
      assertThat(LenientJson.find(text)).as(text).isEmpty();
    }
  }

  @Test
  void whateverIsCutOrChangedOnlyLosesEntries() {
    StringBuilder whole = new StringBuilder("{\"items\":[");
    for (int i = 0; i < 20; i++) {
      whole.append(i == 0 ? "" : ",").append("{\"id\":" + i + ",\"active\":" + (i % 2 == 0) + "}");
    }
    whole.append("]}");
    long seed = 8;
    System.out.println("seed of the changes: " + seed);
    Random random = new Random(seed);
    for (int cut = 0; cut <= whole.length(); cut++) {
      String part = whole.substring(0, cut);
      Answer answer = new Answer(Outcome.CUT, part, "");
      Map<Integer, ?> items = answer.items("items", ids());
      assertThat(items).hasSize((int) part.chars().filter(c -> c == '}').limit(20).count());

      StringBuilder changed = new StringBuilder(whole);
      changed.setCharAt(random.nextInt(whole.length()), (char) (32 + random.nextInt(96)));
      assertThat(ids())
          .containsAll(new Answer(Outcome.CUT, changed + "", "").items("items", ids()).keySet());
    }
  }

  private static Set<Integer> ids() {
    return IntStream.range(0, 20).boxed().collect(Collectors.toSet());
  }
}
