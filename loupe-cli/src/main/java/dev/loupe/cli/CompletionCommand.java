package dev.loupe.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code loupe completion}. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Prints a script that lets a shell complete commands and options.",
    footer = {
      "",
      "Example: ./loupe completion bash > ~/.local/share/bash-completion/completions/loupe",
      "         source <(./loupe completion zsh)"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Where it is to be used. */
  enum Shell {
    BASH,
    ZSH
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "bash or zsh")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    String script = AutoComplete.bash("loupe", Loupe.commandLine());
    String start =
        switch (shell) {
          case BASH -> "";
          case ZSH ->
              "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";
        };
    spec.commandLine().getOut().println(start + script);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
