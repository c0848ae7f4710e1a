package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Ec2Utils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tokenises in a JVM of its own in which every way to a socket, old and NIO, is replaced by one
 * that tells and throws. The counter-test shows that this notices what DJL does when it is let.
 */
final class NoSocketTest {
  private static final String OPENED = "SOCKET";

  @Test
  void tokenizerOpensNoSocket() throws IOException, InterruptedException {
    assertThat(run("tokenize")).contains("tokens 7").doesNotContain(OPENED);
  }

  @Test
  void whatDjlDoesOtherwiseIsNoticed() throws IOException, InterruptedException {
    assertThat(run("track")).contains(OPENED);
  }

  private static String run(String what) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.nio.channels.spi.SelectorProvider=" + Guard.class.getName(),
                "-cp",
                System.getProperty("java.class.path"),
                Probe.class.getName(),
                what)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** The child JVM. */
  static final class Probe {
    private Probe() {}

    @SuppressWarnings("deprecation") // there is no other way to see every java.net.Socket
    public static void main(String[] arguments) throws IOException {
      Socket.setSocketImplFactory(() -> {
        throw opened();
      });
      if (arguments[0].equals("track")) {
        assertThatThrownBy(() -> Ec2Utils.callHome("Huggingface"))
            .hasMessageContaining("no sockets");
        return;
      }
      try (Tokenizer tokenizer = Tokenizer.load(TestCorpora.SMOLLM2)) {
        int tokens = tokenizer.encode(List.of("The capital of France is Paris.")).get(0).length();
        System.out.println("tokens " + tokens);
      }
      printNativeSockets();
    }

    /** Sockets of native code that are still open, where the system lists them. */
    private static void printNativeSockets() throws IOException {
      Path descriptors = Path.of("/proc/self/fd");
      if (Files.isDirectory(descriptors)) {
        try (Stream<Path> files = Files.list(descriptors)) {
          files.map(Probe::target).filter(t -> t.startsWith("socket:")).forEach(t -> opened());
        }
      }
    }

    private static String target(Path descriptor) {
      try {
        return Files.readSymbolicLink(descriptor).toString();
      } catch (IOException e) {
        return ""; // the descriptor of the listing itself, closed meanwhile
      }
    }
  }

  private static UncheckedIOException opened() {
    System.out.println(OPENED);
    return new UncheckedIOException(new IOException("no sockets here"));
  }

  /** Refuses every NIO channel to a network. */
  public static final class Guard extends SelectorProvider {
    /** For the JDK, which finds this class by its name. */
    public Guard() {}

    @Override
    public DatagramChannel openDatagramChannel() {
      throw opened();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) {
      throw opened();
    }

    @Override
    public Pipe openPipe() {
      throw opened();
    }

    @Override
    public AbstractSelector openSelector() {
      throw opened();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() {
      throw opened();
    }

    @Override
    public SocketChannel openSocketChannel() {
      throw opened();
    }
  }
}
