package dev.gatehouse.audit.proof;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What a server signs about rows that it moved to the archive.
 *
 * @param epochDay the day of the rows, counted from 1970-01-01
 * @param first the number of the first of them
 * @param last the number of the last of them
 * @param hash the hash of the last of them
 * @param sha256 of the file they are in, as hex
 * @param key id of the key that signed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ArchiveSeal(
    long epochDay,
    long chain,
    long first,
    long last,
    byte[] hash,
    String sha256,
    String key,
    byte[] signature) {

  private static final byte[] DOMAIN =
      "gatehouse.audit.archive.v1\0".getBytes(StandardCharsets.US_ASCII);

  /** The bytes that are signed. */
  static byte[] content(
      long epochDay, long chain, long first, long last, byte[] hash, String sha256) {
    byte[] file = HexFormat.of().parseHex(sha256);
    return ByteBuffer.allocate(DOMAIN.length + 4 * 8 + hash.length + file.length)
        .put(DOMAIN)
        .putLong(epochDay)
        .putLong(chain)
        .putLong(first)
        .putLong(last)
        .put(hash)
        .put(file)
        .array();
  }
}
