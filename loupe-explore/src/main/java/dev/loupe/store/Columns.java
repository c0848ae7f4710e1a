package dev.loupe.store;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The columns of a row of a query, by name, as plain values and arrays. */
record Columns(ResultSet row) {
  private static final Object[] NONE = {};

  int integer(String column) throws SQLException {
    return row.getInt(column);
  }

  long wide(String column) throws SQLException {
    return row.getLong(column);
  }

  /** NaN for null. */
  float real(String column) throws SQLException {
    float value = row.getFloat(column);
    return row.wasNull() ? Float.NaN : value;
  }

  boolean is(String column) throws SQLException {
    return row.getBoolean(column);
  }

  /** Empty for null. */
  String text(String column) throws SQLException {
    @Nullable String value = row.getString(column);
    return value == null ? "" : value;
  }

  int[] integers(String column) throws SQLException {
    Object[] elements = elements(column);
    int[] values = new int[elements.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) elements[i]).intValue();
    }
    return values;
  }

  /** NaN for null. */
  float[] reals(String column) throws SQLException {
    @Nullable Object[] elements = elements(column);
    float[] values = new float[elements.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = elements[i] instanceof Number number ? number.floatValue() : Float.NaN;
    }
    return values;
  }

  String[] texts(String column) throws SQLException {
    Object[] elements = elements(column);
    String[] values = new String[elements.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = String.valueOf(elements[i]);
    }
    return values;
  }

  FeatureRow.Interval interval(String column) throws SQLException {
    return new FeatureRow.Interval(real(column), real(column + "_low"), real(column + "_high"));
  }

  private Object[] elements(String column) throws SQLException {
    @Nullable Array array = row.getArray(column);
    return array == null ? NONE : (Object[]) array.getArray();
  }
}
