package dev.loupe.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A place in the model where an activation can be read or replaced, written as TransformerLens
 * does: {@code blocks.15.hook_resid_post}.
 *
 * @param layer the block, from 0
 * @param point where in the block
 */
public record Hook(int layer, Point point) implements Comparable<Hook> {
  private static final Pattern NAME = Pattern.compile("blocks\\.(\\d{1,4})\\.([a-z0-9_.]+)");

  /** The points of a block, in the order in which data passes them. */
  public enum Point {
    /** Residual stream before the block. */
    RESID_PRE("hook_resid_pre"),
    /** Attention output, after W_O: what is added to the residual. */
    ATTN_OUT("hook_attn_out"),
    /** Residual stream between attention and MLP. */
    RESID_MID("hook_resid_mid"),
    /** RMS-normalised residual before the multiplication by the norm's gain: norm √D. */
    LN2_NORMALIZED("ln2.hook_normalized"),
    /** MLP output: what is added to the residual. */
    MLP_OUT("hook_mlp_out"),
    /** Residual stream after the block. */
    RESID_POST("hook_resid_post");

    private final String label;

    Point(String label) {
      this.label = label;
    }
  }

  public Hook {
    if (layer < 0) {
      throw new IllegalArgumentException("expected a layer of 0 or more, got " + layer);
    }
  }

  @JsonCreator
  public static Hook parse(String name) {
    Matcher matcher = NAME.matcher(name);
    if (matcher.matches()) {
      for (Point point : Point.values()) {
        if (point.label.equals(matcher.group(2))) {
          return new Hook(Integer.parseInt(matcher.group(1)), point);
        }
      }
    }
    throw new IllegalArgumentException(
        "expected a hook such as blocks.15.hook_resid_post with one of "
            + Arrays.stream(Point.values()).map(p -> p.label).collect(Collectors.joining(", "))
            + ", got '"
            + name
            + "'");
  }

  @Override
  public int compareTo(Hook other) {
    return layer != other.layer
        ? Integer.compare(layer, other.layer)
        : point.compareTo(other.point);
  }

  @JsonValue
  @Override
  public String toString() {
    return "blocks." + layer + "." + point.label;
  }
}
