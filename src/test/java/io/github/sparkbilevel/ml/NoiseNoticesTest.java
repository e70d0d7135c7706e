package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.model.Confusion;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NoiseNoticesTest {
  private static final List<String> CLASSES = List.of("ant", "bee", "cat", "dog");

  private static Optional<Notice> inDoubt(String counts) {
    double[] numbers = Arrays.stream(counts.split("\\s+")).mapToDouble(Double::valueOf).toArray();
    return NoiseNotices.inDoubt(Confusion.ofCounts(4, numbers), CLASSES);
  }

  @ParameterizedTest
  @CsvSource({
    "6 4 0 0  0 6 4 0  0 0 6 4  4 0 0 6, 0", // as they are
    "4 6 0 0  0 6 4 0  0 0 6 4  4 0 0 6, 1", // ants and bees are labelled as bees
    "6 4 0 0  0 4 6 0  0 6 4 0  4 0 0 6, 2", // bee and cat
    "0 1 0 0  1 0 0 0  0 0 0 1  0 0 1 0, 4" // two pairs
  })
  void classesMostlyLabelledAsOthersAreInDoubt(String counts, int classes) {
    Optional<Notice> notice = inDoubt(counts);
    assertEquals(classes > 0, notice.isPresent());
    notice.ifPresent(found -> assertEquals(classes, found.count()));
  }

  @Test
  void theBetterHalfOfTheGroupsTells() {
    String good = "9 1 0 0  0 9 1 0  0 0 9 1  1 0 0 9  ";
    String bad = "1 9 0 0  0 1 9 0  0 0 1 9  9 0 0 1  ";
    assertEquals(Optional.empty(), inDoubt(bad + good + bad + good));
    assertEquals(4, inDoubt(bad + bad).orElseThrow().count());
  }

  @Test
  void theNoticeNamesTheClasses() {
    Notice notice = inDoubt("9 0 0 0  0 0 9 0  0 9 0 0  0 0 0 9").orElseThrow();
    assertEquals("classes-in-doubt", notice.code().label());
    assertTrue(notice.text().contains("'bee' as 'cat', 'cat' as 'bee'"), notice.text());
  }

  @Test
  void groupsShareAMatrixWhereTheyAreTooMany() {
    assertEquals(Optional.empty(), NoiseNotices.shared(0, 10));
    assertEquals(Optional.empty(), NoiseNotices.shared(10_000, 10));
    Notice notice = NoiseNotices.shared(10_500, 10).orElseThrow();
    assertEquals(Notice.Code.GROUPS_SHARE_CONFUSION, notice.code());
    assertEquals(10_500, notice.count());
  }
}
