package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.SampleKind;
import dev.loupe.store.StoreSummary;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Chosen features as one HTML file that opens from a disk: the scripts and styles of the pages, and
 * the answers that these would otherwise ask a server for. Its policy lets it ask nobody.
 */
public final class StandalonePage {
  /** Features of the largest file: some 70 kB each. */
  public static final int MOST_FEATURES = 500;

  private static final Pattern STYLE = Pattern.compile("href=\"/assets/([^\"]+\\.css)\"");
  private static final String POLICY =
      "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src"
          + " data:";

  private StandalonePage() {}

  /**
   * Writes a file whole or not at all.
   *
   * @param features their numbers, at most {@link #MOST_FEATURES}
   */
  public static void write(Path file, FeatureStore store, List<Integer> features) {
    if (features.isEmpty() || features.size() > MOST_FEATURES) {
      throw new IllegalArgumentException(
          "expected 1 to %d features for one file, got %d"
              .formatted(MOST_FEATURES, features.size()));
    }
    StoreSummary summary = store.summary();
    AtomicFile.write(
        file,
        out -> {
          text(out, head(summary.dictionary()));
          answers(out, store, features);
          text(out, scripts());
          text(out, "</head>\n<body><loupe-app></loupe-app></body>\n</html>\n");
        });
  }

  private static String head(DictionaryName name) {
    StringBuilder head = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n");
    head.append("<meta charset=\"utf-8\">\n");
    head.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    head.append("<meta http-equiv=\"Content-Security-Policy\" content=\"" + POLICY + "\">\n");
    head.append("<title>Features of " + name + "</title>\n");
    Matcher styles = STYLE.matcher(asset("index.html"));
    while (styles.find()) {
      head.append("<style>\n").append(asset(styles.group(1))).append("</style>\n");
    }
    return head.append("<script>").append(asset("first.js")).append("</script>\n").toString();
  }

  private static void answers(OutputStream out, FeatureStore store, List<Integer> features)
      throws IOException {
    DictionaryName name = store.summary().dictionary();
    text(out, "<script>globalThis.LOUPE_FILE = {");
    for (int feature : features) {
      text(out, "\"/api/dictionaries/%s/features/%d\": ".formatted(name, feature));
      text(
          out,
          inScript(
              new String(
                  Records.answer(
                      name,
                      store.read(List.of(feature), EnumSet.allOf(SampleKind.class)).getFirst()),
                  StandardCharsets.UTF_8)));
      text(out, ",\n");
    }
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("dictionary", name);
    about.put("features", features);
    about.put("positions", store.summary().positionTokens());
    about.put("tokens", store.summary().tokens());
    about.put("model", store.summary().model());
    text(out, "\"about\": " + inScript(Json.mapper().writeValueAsString(about)) + "};</script>\n");
  }

  /** JSON that cannot end the script it stands in. */
  private static String inScript(String json) {
    return json.replace("<", "\\u003c");
  }

  /** All modules under names of their own, as addresses that hold them. */
  private static String scripts() throws IOException {
    Modules modules = Modules.from(Assets::resource);
    Map<String, String> imports = new LinkedHashMap<>();
    for (String module : modules.names()) {
      byte[] text =
          modules.rewritten(module, StandalonePage::name).getBytes(StandardCharsets.UTF_8);
      imports.put(
          name(module), "data:text/javascript;base64," + Base64.getEncoder().encodeToString(text));
    }
    return "<script type=\"importmap\">"
        + Json.mapper().writeValueAsString(Map.of("imports", imports))
        + "</script>\n<script type=\"module\">import \""
        + name(Modules.ENTRY)
        + "\";</script>\n";
  }

  private static String name(String module) {
    return "loupe/" + module;
  }

  private static String asset(String name) {
    return new String(Assets.resource(name).orElseThrow(), StandardCharsets.UTF_8);
  }

  private static void text(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
