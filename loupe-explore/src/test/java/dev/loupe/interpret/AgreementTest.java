package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How far a person and a judge agree, where it is known. */
final class AgreementTest {
  private static Rating rating(List<Rating.Item> items) {
    return new Rating("Ada", 3, "0123456789abcdef", "detection", Optional.of("m"), items);
  }

  private static Rating.Item item(boolean active, boolean said, boolean judged) {
    return new Rating.Item("top", active, said, Optional.of(judged));
  }

  private static List<Rating.Item> times(int count, Rating.Item item) {
    return Collections.nCopies(count, item);
  }

  /** Cohen's own kind of table: 20 both yes, 5 only the person, 10 only the judge, 15 both no. */
  @Test
  void kappaIsThatOfTheTable() {
    List<Rating.Item> items = new ArrayList<>(times(20, item(true, true, true)));
    items.addAll(times(5, item(false, true, false)));
    items.addAll(times(10, item(true, false, true)));
    items.addAll(times(15, item(false, false, false)));
    Agreement agreement = Agreement.of(List.of(rating(items)));
    assertThat(agreement.both()).isEqualTo(50);
    assertThat(agreement.agreed().orElseThrow().value()).isEqualTo(0.7);
    assertThat(agreement.kappa().orElseThrow().value()).isCloseTo(0.4, within(1e-12));
    assertThat(agreement.judge().orElseThrow().value()).isEqualTo(1);
    assertThat(agreement.person().orElseThrow().value())
        .isCloseTo((20 / 30.0 + 15 / 20.0) / 2, within(1e-12));
  }

  @Test
  void whoAlwaysSaysTheSameHasNoKappa() {
    Agreement agreement = Agreement.of(List.of(rating(times(10, item(true, true, true)))));
    assertThat(agreement.agreed().orElseThrow().value()).isEqualTo(1);
    assertThat(agreement.kappa()).isEmpty();
    assertThat(agreement.person()).isEmpty(); // nothing was silent
  }

  @Test
  void guessesAgreeByChanceAlone() {
    Random random = new Random(5);
    List<Rating> ratings = new ArrayList<>();
    for (int sheet = 0; sheet < 60; sheet++) {
      List<Rating.Item> items = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        items.add(item(i % 2 == 0, random.nextBoolean(), random.nextInt(4) > 0));
      }
      ratings.add(rating(items));
    }
    Agreement agreement = Agreement.of(ratings);
    assertThat(agreement.kappa().orElseThrow().low()).isNegative();
    assertThat(agreement.kappa().orElseThrow().high()).isPositive();
  }

  @Test
  void whatTheJudgeDidNotAnswerIsNoDisagreement() {
    List<Rating.Item> items = new ArrayList<>(times(4, item(true, true, true)));
    items.addAll(times(4, item(false, false, false)));
    items.add(new Rating.Item("top", true, true, Optional.empty()));
    Agreement agreement = Agreement.of(List.of(rating(items)));
    assertThat(agreement.passages()).isEqualTo(9);
    assertThat(agreement.both()).isEqualTo(8);
    assertThat(agreement.kappa().orElseThrow().value()).isEqualTo(1);
  }

  @Test
  void aRatingNeedsANameAndItems() {
    assertThatThrownBy(() -> rating(List.of())).hasMessageContaining("got none");
    assertThatThrownBy(() ->
            new Rating(
                " ", 3, "x", "detection", Optional.empty(), times(1, item(true, true, true))))
        .hasMessageContaining("name of who rates");
  }
}
