package io.github.sparkbilevel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoticeTest {
  @Test
  void everyCodeIsDocumented() throws IOException {
    List<String> documented =
        Files.readAllLines(Path.of("docs", "notices.md")).stream()
            .filter(line -> line.startsWith("| `") && !line.startsWith("| `code`"))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .toList();
    assertEquals(Arrays.stream(Notice.Code.values()).map(Notice.Code::label).toList(), documented);
  }
}
