package dev.loupe.tensor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/** libtorch's process groups: which one a device needs, and how it is waited for. */
final class ProcessGroups {
  private static final int GLOO_THREADS = 2;
  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

  private ProcessGroups() {}

  /**
   * Connects a group; returns when all of its ranks have come. The caller releases its reference.
   *
   * @param name that its ranks share, for this group alone
   */
  static Backend open(Device device, String name, int rank, int size, Rendezvous rendezvous) {
    return Native.value(() -> {
      Store store = RankStore.ofGroup(rendezvous, name);
      Backend group =
          device.isCpu()
              ? new ProcessGroupGloo(store, rank, size, gloo(rendezvous))
              : new ProcessGroupNCCL(store, rank, size, nccl(rendezvous));
      return group.retainReference();
    });
  }

  private static ProcessGroupGloo.Options gloo(Rendezvous rendezvous) {
    ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(milliseconds(rendezvous));
    org.bytedeco.pytorch.gloo.Device network;
    if (!rendezvous.network().isEmpty()) {
      network = ProcessGroupGloo.createDeviceForInterface(rendezvous.network());
    } else if (rendezvous.isLoopback()) {
      network = ProcessGroupGloo.createDeviceForHostname(rendezvous.host());
    } else {
      network = ProcessGroupGloo.createDefaultDevice();
    }
    options.devices(new GlooDeviceVector(network));
    options.threads(GLOO_THREADS);
    return options;
  }

  private static Milliseconds milliseconds(Rendezvous rendezvous) {
    return new Milliseconds(rendezvous.deadline().toMillis());
  }

  private static ProcessGroupNCCL.Options nccl(Rendezvous rendezvous) {
    ProcessGroupNCCL.Options options = ProcessGroupNCCL.Options.create();
    options.timeout(milliseconds(rendezvous));
    return options;
  }

  /** Waits for work by the deadline; throws what it failed with. */
  static void await(Work work, Device device, Rendezvous rendezvous) {
    if (!device.isCpu()) { // its wait only makes the device's stream wait
      long end = System.nanoTime() + rendezvous.deadline().toNanos();
      while (!work.isCompleted()) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException("timed out");
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
    work._wait(); // Gloo's own waits end by the deadline
  }
}
