package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SplitTest {
  @Test
  void metadataDecides() {
    for (String text : TestCorpora.documents(1, 100, 5)) {
      assertThat(Split.HELD_OUT.accepts(document(text, "held-out"))).isTrue();
      assertThat(Split.TRAIN.accepts(document(text, "held-out"))).isFalse();
      assertThat(Split.HELD_OUT.accepts(document(text, "train"))).isFalse();
      assertThat(Split.TRAIN.accepts(document(text, "train"))).isTrue();
      assertThat(Split.ALL.accepts(document(text, "held-out"))).isTrue();
    }
  }

  @Test
  void oneInTwentyIsHeldOutByItsText() {
    List<String> texts = TestCorpora.documents(2, 20000, 5);
    long heldOut = texts.stream().filter(t -> Split.HELD_OUT.accepts(document(t, "other"))).count();
    assertThat(heldOut).isBetween(850L, 1150L);
    assertThat(texts)
        .allMatch(t ->
            Split.HELD_OUT.accepts(document(t, "other"))
                != Split.TRAIN.accepts(document(t, "other")));
  }

  /** int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % 20 == 0, by Python. */
  @Test
  void hashIsThatOfTheDocumentation() {
    assertThat(Split.HELD_OUT.accepts(document("text 33", ""))).isTrue();
    assertThat(Split.HELD_OUT.accepts(document("text 0", ""))).isFalse();
  }

  @Test
  void demoSaysItsOwnSplit() {
    CorpusSpec demo = CorpusSpec.parse("demo");
    for (int source = 0; source < demo.sources().size(); source++) {
      new DocumentReader(demo, false)
          .forEach(
              source,
              document -> {
                String split = document.metadata().path("meta").path("split").asText();
                assertThat(split).isIn("train", "held-out");
                assertThat(Split.HELD_OUT.accepts(document)).isEqualTo(split.equals("held-out"));
              });
    }
  }

  private static Document document(String text, String split) {
    ObjectNode metadata = Json.MAPPER.createObjectNode();
    metadata.putObject("meta").put("split", split);
    return new Document(new DocumentReference(0, 0, 0), text, metadata);
  }
}
