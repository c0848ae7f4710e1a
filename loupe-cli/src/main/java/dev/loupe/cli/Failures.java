package dev.loupe.cli;

import java.io.UncheckedIOException;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says what went wrong in one message, without a stack trace unless {@code --debug} asks for it.
 */
final class Failures {
  static final int FAILED = 1;
  static final int USAGE = 2;

  private Failures() {}

  /** Wrong usage: the message, a similar option if there is one, and where help is. */
  static int usage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("loupe: " + e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, command.getErr());
    if (e instanceof MissingParameterException && !command.getUnmatchedArguments().isEmpty()) {
      tellUnmatched(command); // what is missing may be what was mistyped
    }
    command.getErr().println("Help: ./" + command.getCommandSpec().qualifiedName() + " --help");
    return USAGE;
  }

  private static void tellUnmatched(CommandLine command) {
    UnmatchedArgumentException unmatched =
        new UnmatchedArgumentException(command, command.getUnmatchedArguments());
    command.getErr().println(unmatched.getMessage());
    UnmatchedArgumentException.printSuggestions(unmatched, command.getErr());
  }

  /** A refused value is wrong usage; everything else is work that failed. */
  static int execution(Exception e, CommandLine command, ParseResult result) {
    if (result.originalArgs().contains("--debug")) {
      e.printStackTrace(command.getErr());
    }
    command.getErr().println("loupe: " + message(e));
    boolean refused = e instanceof IllegalArgumentException;
    boolean hidden = !refused && isUnexpected(e) && !result.originalArgs().contains("--debug");
    if (hidden) {
      command.getErr().println("This may be a fault in Loupe; --debug shows where it happened.");
    }
    return refused ? USAGE : FAILED;
  }

  private static boolean isUnexpected(Exception e) {
    return e instanceof NullPointerException
        || e instanceof IndexOutOfBoundsException
        || e instanceof ClassCastException;
  }

  private static String message(Exception e) {
    String own = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    Throwable cause = e.getCause();
    // the cause of an I/O failure says what the system said
    boolean adds =
        e instanceof UncheckedIOException
            && cause != null
            && cause.getMessage() != null
            && !own.toLowerCase(Locale.ROOT).contains(cause.getMessage().toLowerCase(Locale.ROOT));
    return adds ? own + ": " + cause.getMessage() : own;
  }
}
