package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.inference.SuiteModel;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import dev.loupe.web.PageServer;
import dev.loupe.web.Reach;
import dev.loupe.web.ServeSetup;
import dev.loupe.web.TokenFile;
import java.awt.Desktop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where pages are served, and to whom; and serving them until the user ends it. */
@Heading("Server")
final class ListenOptions {
  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description = "the address to listen at (default: ${DEFAULT-VALUE}, this machine only)")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "" + Reach.PORT,
      description = "the port of the pages; 0 takes any free one (default: ${DEFAULT-VALUE})")
  private int port = Reach.PORT;

  @Option(
      names = "--public-host",
      paramLabel = "NAME",
      split = ",",
      description = "names that others call the pages by, as behind a proxy; without ports")
  private List<String> publicHosts = new ArrayList<>();

  @Option(names = "--read-only", description = "the pages take no notes")
  private boolean readOnly;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "keeps the token of those who write notes from one start to the next; made if it is not"
              + " there")
  private @Nullable Path tokenFile;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /**
   * Serves until the user ends it.
   *
   * @param open whether to open the pages in the user's browser, where there is one
   */
  int serve(
      Suite suite,
      Optional<String> model,
      boolean otherModel,
      ComputeOptions compute,
      boolean open) {
    Reach reach = reach();
    Optional<ModelFolder> named = model.map(ModelFolder::resolve);
    named.ifPresent(found -> checkModel(suite, found, otherModel));
    Optional<Supplier<ModelFolder>> folder =
        named
            .<Supplier<ModelFolder>>map(found -> () -> found)
            .or(() -> bundled(suite).map(name -> () -> ModelFolder.resolve(name)));
    ServeSetup setup =
        new ServeSetup(
            suite, folder.map(found -> () -> open(suite, found.get(), otherModel, compute)), reach);
    try (PageServer server = PageServer.start(setup)) {
      String address = server.url() + (readOnly ? "" : "#token=" + server.token());
      spec.commandLine().getOut().println("The pages are at " + address);
      spec.commandLine().getOut().flush();
      spec.commandLine().getErr().println("Ctrl-C ends them.");
      if (open) {
        browse(address);
      }
      Interrupts.await();
      return 0;
    }
  }

  private Reach reach() {
    if (readOnly && tokenFile != null) {
      throw new IllegalArgumentException(
          "expected --read-only or --token-file, got both; without a token nobody writes");
    }
    Optional<String> token =
        readOnly
            ? Optional.empty()
            : Optional.of(tokenFile == null ? Reach.newToken() : TokenFile.readOrMake(tokenFile));
    return new Reach(host, port, Set.copyOf(publicHosts), token);
  }

  /** At the start, and not when somebody first needs it. */
  private static void checkModel(Suite suite, ModelFolder folder, boolean otherModel) {
    try (ModelOnDemand model = new ModelOnDemand(folder.directory(), DType.F32, Device.CPU)) {
      suite.checkModel(model.fingerprint(), folder.name(), otherModel);
    }
  }

  /** The suite's own model, where it is one that everybody has; unpacked when it is needed. */
  private static Optional<String> bundled(Suite suite) {
    return Optional.of(suite.manifest().model()).filter(ModelFolder::isBundled);
  }

  /** On the thread that uses it, when a page first needs it: the tensor library takes seconds. */
  private static SuiteModel open(
      Suite suite, ModelFolder folder, boolean otherModel, ComputeOptions compute) {
    compute.start();
    return SuiteModel.open(
        suite,
        folder,
        otherModel,
        compute.lmDtype(),
        compute.device(),
        Torch.freeMemoryBytes() / 4);
  }

  private static void browse(String address) {
    if (!Desktop.isDesktopSupported() || !Desktop.getDesktop().isSupported(Desktop.Action.BROWSE)) {
      return; // the address was printed
    }
    try {
      Desktop.getDesktop().browse(URI.create(address));
    } catch (IOException e) {
      System.err.println("No browser could be opened: " + e.getMessage());
    }
  }
}
