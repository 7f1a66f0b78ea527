package dev.gatehouse.policy;

import com.google.common.primitives.UnsignedLong;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON values in the types that CEL computes with: integers are 64 bits wide. */
final class CelValues {
  private CelValues() {}

  static Map<String, Object> of(Map<String, Object> map) {
    Map<String, Object> out = LinkedHashMap.newLinkedHashMap(map.size());
    map.forEach((key, value) -> out.put(key, of(value)));
    return out;
  }

  private static Object of(@Nullable Object value) {
    return switch (value) {
      case null -> dev.cel.common.values.NullValue.NULL_VALUE;
      case Integer i -> i.longValue();
      case BigInteger b when b.bitLength() <= Long.SIZE && b.signum() >= 0 ->
          UnsignedLong.valueOf(b);
      case BigInteger b -> b.doubleValue();
      case List<?> list -> {
        List<Object> out = new ArrayList<>(list.size());
        list.forEach(item -> out.add(of(item)));
        yield out;
      }
      case Map<?, ?> map -> {
        Map<String, Object> out = LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((key, item) -> out.put(String.valueOf(key), of(item)));
        yield out;
      }
      default -> value;
    };
  }
}
