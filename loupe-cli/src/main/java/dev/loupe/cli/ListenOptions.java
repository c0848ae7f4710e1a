package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.inference.SuiteModel;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.Torch;
import dev.loupe.web.PageServer;
import dev.loupe.web.ServeSetup;
import java.awt.Desktop;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
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
      defaultValue = "" + ServeSetup.PORT,
      description = "the port of the pages; 0 takes any free one (default: ${DEFAULT-VALUE})")
  private int port = ServeSetup.PORT;

  @Option(names = "--read-only", description = "the pages take no notes")
  private boolean readOnly;

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
    Optional<ModelFolder> named = model.map(ModelFolder::resolve);
    Optional<Supplier<ModelFolder>> folder =
        named
            .<Supplier<ModelFolder>>map(found -> () -> found)
            .or(() -> bundled(suite).map(name -> () -> ModelFolder.resolve(name)));
    ServeSetup setup =
        new ServeSetup(
            suite,
            folder.map(found -> () -> open(suite, found.get(), otherModel, compute)),
            host,
            port,
            readOnly);
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
