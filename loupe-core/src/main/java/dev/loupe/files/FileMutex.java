package dev.loupe.files;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one thread of all processes at a time through. The lock is on a file of its own: closing any
 * descriptor of a locked file, also one that only read, would free a POSIX lock.
 */
final class FileMutex {
  /** A lock of the system is one of the whole process: threads wait for each other here. */
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final Path file;

  /**
   * @param file to lock, made where there is none; its folder must be there when it is locked
   */
  FileMutex(Path file) {
    this.file = file;
  }

  /** What is done by one at a time. */
  interface Work<T> {
    T run() throws IOException;
  }

  <T> T alone(Work<T> work) throws IOException {
    Path folder = file.toAbsolutePath().getParent().toRealPath();
    ReentrantLock threads =
        THREADS.computeIfAbsent(folder.resolve(file.getFileName()), _ -> new ReentrantLock());
    threads.lock();
    try {
      return aloneInThisProcess(work);
    } finally {
      threads.unlock();
    }
  }

  private <T> T aloneInThisProcess(Work<T> work) throws IOException {
    boolean interrupted = Thread.interrupted(); // would close the channel
    try (RandomAccessFile held = new RandomAccessFile(file.toFile(), "rw");
        FileLock _ = held.getChannel().lock()) {
      return work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
