package io.github.sparkbilevel.job.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {

  @Test
  void usersPasswordsAndSignaturesAreHidden() {
    assertEquals(
        "data.train.path = \"s3a://…@bucket/a.csv\"",
        Secrets.hidden("data.train.path = \"s3a://KEY:secret@bucket/a.csv\""));
    assertEquals(
        "hdfs://…@nn:8020/x, ftp://…@h", Secrets.hidden("hdfs://u@nn:8020/x, ftp://a:b@h"));
    assertEquals(
        "https://h/a?sig=…&x=1&amp;Token=…",
        Secrets.hidden("https://h/a?sig=aB%2F&x=1&amp;Token=t0p"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "me@example.org is no address of a file",
        "s3a://bucket/a@b.csv",
        "file:///data/x?y=1",
        "http://www.w3.org/2000/svg",
        "key=1&token=2"
      })
  void nothingElseIs(String text) {
    assertEquals(text, Secrets.hidden(text));
  }
}
