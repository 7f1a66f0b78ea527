package dev.gatehouse.gate;

import dev.gatehouse.config.Configuration;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A configuration as JSON, for the record. Of addresses only the host: paths may be secret too. */
final class EffectiveSettings {
  private EffectiveSettings() {}

  static JsonObject of(Configuration configuration) {
    return fields(configuration);
  }

  private static JsonObject fields(Record record) {
    JsonObject fields = new JsonObject();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        fields.put(component.getName(), value(component.getAccessor().invoke(record)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("a public record can be read: " + component, e);
      }
    }
    return fields;
  }

  private static @Nullable Object value(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Record record -> fields(record);
      case List<?> list -> {
        JsonArray items = new JsonArray();
        list.forEach(item -> items.add(value(item)));
        yield items;
      }
      case Map<?, ?> map -> {
        JsonObject entries = new JsonObject();
        map.forEach((key, item) -> entries.put(String.valueOf(key), value(item)));
        yield entries;
      }
      case Number number -> number;
      case Boolean bool -> bool;
      case Enum<?> word -> word.name().toLowerCase(Locale.ROOT).replace('_', '-');
      default -> text(value.toString());
    };
  }

  private static String text(String text) {
    int scheme = text.indexOf("://");
    if (scheme < 0) {
      return text;
    }
    try {
      return text.substring(0, scheme + 3) + URI.create(text).getHost();
    } catch (IllegalArgumentException e) {
      return text.substring(0, scheme + 3);
    }
  }
}
