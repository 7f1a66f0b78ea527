package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Region;
import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Which stretches of the given text are data, unknown or executed. Where strokes overlap the later
 * one counts.
 */
@SuppressWarnings("EnumOrdinal") // bits and int arrays, never stored
final class Canvas {
  private static final Use[] USES = Use.values();

  private int[] strokes = new int[12];
  private int size;
  private boolean ordered = true;
  private int furthest;

  void paint(int start, int end, Use use) {
    if (end <= start) {
      return;
    }
    if (start < furthest) {
      ordered = false;
    } else if (use == Use.EXECUTED && ordered) {
      return;
    }
    if (size + 3 > strokes.length) {
      strokes = Arrays.copyOf(strokes, strokes.length * 2);
    }
    strokes[size++] = start;
    strokes[size++] = end;
    strokes[size++] = use.ordinal();
    furthest = Math.max(furthest, end);
  }

  List<Region> regions() {
    if (size == 0) {
      return List.of();
    }
    int count = size / 3;
    if (ordered) {
      Region[] regions = new Region[count];
      for (int i = 0; i < count; i++) {
        regions[i] = new Region(strokes[3 * i], strokes[3 * i + 1], USES[strokes[3 * i + 2]]);
      }
      return List.of(regions);
    }
    return sweep(count);
  }

  private List<Region> sweep(int count) {
    long[] starts = new long[count];
    int[] bounds = new int[2 * count];
    for (int i = 0; i < count; i++) {
      starts[i] = ((long) strokes[3 * i] << 32) | i;
      bounds[2 * i] = strokes[3 * i];
      bounds[2 * i + 1] = strokes[3 * i + 1];
    }
    Arrays.sort(starts);
    Arrays.sort(bounds);
    PriorityQueue<Integer> latest = new PriorityQueue<>((a, b) -> Integer.compare(b, a));
    List<Region> regions = new ArrayList<>();
    int next = 0;
    for (int i = 0; i + 1 < bounds.length; i++) {
      int from = bounds[i];
      int to = bounds[i + 1];
      while (next < count && (int) (starts[next] >>> 32) <= from) {
        latest.add((int) starts[next++]);
      }
      Integer top = latest.peek();
      while (top != null && strokes[3 * top + 1] <= from) {
        latest.poll();
        top = latest.peek();
      }
      if (from < to && top != null) {
        add(regions, from, to, USES[strokes[3 * top + 2]]);
      }
    }
    return List.copyOf(regions);
  }

  private static void add(List<Region> regions, int from, int to, Use use) {
    if (use == Use.EXECUTED) {
      return;
    }
    int last = regions.size() - 1;
    if (last >= 0 && regions.get(last).end() == from && regions.get(last).use() == use) {
      regions.set(last, new Region(regions.get(last).start(), to, use));
    } else {
      regions.add(new Region(from, to, use));
    }
  }
}
