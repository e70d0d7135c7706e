package io.github.sparkbilevel.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A message of protocol buffers in the making, by the numbers of its fields. */
final class ProtoMessage {
  private ByteString bytes = ByteString.EMPTY;

  private interface Writing {
    void to(CodedOutputStream out) throws IOException;
  }

  private ProtoMessage append(Writing writing) {
    ByteString.Output written = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(written);
    try {
      writing.to(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    bytes = bytes.concat(written.toByteString());
    return this;
  }

  ProtoMessage with(int field, long value) {
    return append(out -> out.writeInt64(field, value));
  }

  ProtoMessage with(int field, float value) {
    return append(out -> out.writeFloat(field, value));
  }

  ProtoMessage with(int field, String value) {
    return append(out -> out.writeString(field, value));
  }

  ProtoMessage with(int field, ProtoMessage value) {
    return with(field, value.bytes);
  }

  /** Bytes, which are not copied. */
  ProtoMessage with(int field, ByteString value) {
    append(
        out -> {
          out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
          out.writeUInt32NoTag(value.size());
        });
    bytes = bytes.concat(value);
    return this;
  }

  ByteString bytes() {
    return bytes;
  }
}
