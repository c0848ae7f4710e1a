package dev.loupe.tensor;

/**
 * Where a tensor lives: the CPU or one CUDA device.
 *
 * @param index the CUDA device's number, -1 for the CPU
 */
public record Device(int index) {
  public static final Device CPU = new Device(-1);

  public Device {
    if (index < -1) {
      throw new IllegalArgumentException(
          "expected a device index of -1 (cpu) or more, got " + index);
    }
  }

  public boolean isCpu() {
    return index < 0;
  }

  /** Reads {@code cpu}, {@code cuda} or {@code cuda:1}. */
  public static Device parse(String name) {
    if (name.equals("cpu")) {
      return CPU;
    }
    if (name.equals("cuda")) {
      return new Device(0);
    }
    if (name.matches("cuda:\\d{1,3}")) {
      return new Device(Integer.parseInt(name.substring(5)));
    }
    throw new IllegalArgumentException("expected a device cpu, cuda or cuda:N, got '" + name + "'");
  }

  @Override
  public String toString() {
    return isCpu() ? "cpu" : "cuda:" + index;
  }
}
