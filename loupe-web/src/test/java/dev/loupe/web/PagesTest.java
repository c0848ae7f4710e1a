package dev.loupe.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitForSelectorState;
import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.TestSuite;
import dev.loupe.store.FeatureStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages in a real browser: what they show, the keys, and what axe-core finds. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PagesTest {
  private static final String FEATURE = "d/" + ServedSuite.MAIN + "/3";
  private static final String PROMPT = "prompt?text=The+whale+came+up.&token=2&sites=R";

  private PageServer server;
  private Playwright playwright;
  private Browser browser;
  private BrowserContext context;
  private Page page;
  private final List<String> problems = new ArrayList<>();

  @BeforeAll
  void start() {
    server = ServedSuite.withModel();
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium())
                    .setArgs(List.of("--no-sandbox")));
  }

  private static Path chromium() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(Path.of(folder)::resolve))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("expected chromium on the PATH, got none"));
  }

  @AfterAll
  void stop() {
    playwright.close();
    server.close();
  }

  @BeforeEach
  void open() {
    problems.clear();
    open(1280, ColorScheme.LIGHT);
  }

  private void open(int width, ColorScheme scheme) {
    context =
        browser.newContext(
            new Browser.NewContextOptions().setViewportSize(width, 900).setColorScheme(scheme));
    page = context.newPage();
    page.onPageError(problems::add);
    page.onConsoleMessage(message -> {
      if (message.type().equals("error")) {
        problems.add(message.text());
      }
    });
  }

  @AfterEach
  void nothingWentWrong() {
    context.close();
    assertThat(problems).isEmpty();
  }

  /** Opens a page and waits for something on it. */
  private Locator visit(String path, String selector) {
    page.navigate(server.url() + path);
    Locator found = page.locator(selector).first();
    found.waitFor();
    return found;
  }

  static Stream<Arguments> pages() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("", ".heat a.cell");
    all.put("d/" + ServedSuite.MAIN, ".rows [data-row]");
    all.put(FEATURE, ".samples li, .empty");
    all.put(PROMPT, "a.cellf");
    all.put("search?q=the", ".result .text");
    all.put("steer?f=" + ServedSuite.MAIN + "/3", ".edit");
    all.put("compare?f=L1R-1x/3,L1R-1x/7", ".side .panel");
    all.put("compare?d=L1R-1x,L2R-1x", "loupe-compare table");
    all.put("notes", "loupe-notes h2, loupe-notes table");
    all.put("explanations", "loupe-explanations-page table");
    all.put("explanations/" + ServedSuite.MAIN + "?by=rule", "loupe-explanations-page svg.spread");
    all.put("rate/" + ServedSuite.MAIN, ".passages li");
    all.put("embed/" + ServedSuite.MAIN + "/3?panels=activations", "#activations, .empty");
    return all.entrySet().stream()
        .flatMap(each ->
            Stream.of(ColorScheme.LIGHT, ColorScheme.DARK)
                .map(scheme -> Arguments.of(each.getKey(), each.getValue(), scheme)));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void axeFindsNothingSerious(String path, String selector, ColorScheme scheme) throws IOException {
    context.close();
    open(1280, scheme);
    visit(path, selector);
    page.evaluate(axe()); // not as a script of the page, which its policy refuses
    Object result =
        page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
                + ".then(r => JSON.stringify(r.violations))");
    List<String> serious = new ArrayList<>();
    for (JsonNode violation : new ObjectMapper().readTree(String.valueOf(result))) {
      if (List.of("serious", "critical").contains(violation.path("impact").asText())) {
        serious.add(
            violation.path("id").asText()
                + ": "
                + violation.at("/nodes/0/html").asText()
                + " "
                + violation.at("/nodes/0/any/0/message").asText());
      }
    }
    assertThat(serious).isEmpty();
  }

  private static String axe() {
    return new String(WebJars.resource("/axe.min.js").orElseThrow(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void nothingIsWiderThanASmallPhone(String path, String selector, ColorScheme scheme) {
    context.close();
    open(360, scheme);
    visit(path, selector);
    Object wide = page.evaluate("document.documentElement.scrollWidth");
    assertThat(((Number) wide).intValue()).as(path).isLessThanOrEqualTo(360);
  }

  @Test
  void theTableIsFilteredSortedAndWalkedByKeyboard() {
    visit("d/" + ServedSuite.MAIN, ".rows [data-row]");
    page.keyboard().press("q");
    page.keyboard().type("-is:dead max:>0");
    page.waitForURL("**max*");
    page.locator("[role=columnheader] button", new Page.LocatorOptions().setHasText("maximum"))
        .focus();
    page.keyboard().press("Enter");
    page.waitForURL("**sort=-maximum*");
    page.waitForFunction(
        "() => document.querySelector('loupe-feature-rows').view.href === location.pathname +"
            + " location.search");
    page.keyboard().press("Escape");
    page.keyboard().press("j");
    page.keyboard().press("k");
    page.keyboard().press("Enter");
    page.waitForURL(Pattern.compile(".*/d/" + ServedSuite.MAIN + "/\\d+$"));
    String first = page.url().replaceFirst(".*/", "");
    page.locator(".samples li").first().waitFor();
    page.locator("text=/^1 of /").waitFor();
    page.keyboard().press("]");
    page.waitForURL(url -> !url.endsWith("/" + first) && url.contains("/d/"));
    page.locator("text=/^2 of /").waitFor();
    page.goBack();
    page.waitForURL("**/d/" + ServedSuite.MAIN + "/" + first);
    page.goBack();
    page.waitForURL("**sort=-maximum*");
    assertThat(page.inputValue("#query")).isEqualTo("-is:dead max:>0");
  }

  @Test
  void figuresOfTheReportAreChosenAndFollowTheTheme() {
    Locator drawing = visit("", "loupe-report-figures .drawing svg.loupe-figure");
    assertThat(drawing.locator("style").count()).isZero();
    page.locator("select[aria-label=Figure]").selectOption("dead-features");
    page.waitForURL("**figure=dead-features*");
    page.locator("loupe-report-figures svg >> text=Features that stop firing >> nth=0")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED));
    String paper = "getComputedStyle(document.querySelector('.loupe-figure .paper')).fill";
    Object light = page.evaluate(paper);
    page.evaluate("document.documentElement.dataset.theme = 'dark'");
    assertThat(page.evaluate(paper)).isNotEqualTo(light);
    page.goBack();
    page.waitForURL(url -> !url.contains("figure="));
  }

  @Test
  void figuresFitASmallPhone() {
    context.close();
    open(360, ColorScheme.LIGHT);
    visit("", "loupe-report-figures .drawing svg.loupe-figure");
    Object over =
        page.evaluate(
            "(() => { const p = document.querySelector('#figures');"
                + " return p.scrollWidth - p.clientWidth; })()");
    assertThat(((Number) over).intValue()).isZero();
  }

  @Test
  void aQueryThatIsNoneSaysWhy() {
    visit("d/" + ServedSuite.MAIN + "?q=density:x", "#query-problem");
    assertThat(page.locator("#query-problem").innerText()).contains("expected a bound");
  }

  @Test
  void notesAreWrittenUndoneAndFoundByKeyboard() {
    page.navigate(server.url() + "#token=" + server.token());
    page.locator(".heat a.cell").first().waitFor();
    visit("d/" + ServedSuite.MAIN + "/9", "loupe-notes-panel .btn");
    page.locator("loupe-notes-panel .btn:not([disabled])").first().waitFor();
    page.keyboard().press("e");
    page.locator("#explanation").waitFor();
    page.keyboard().type("words of the <b>sea</b>");
    page.keyboard().press("Control+Enter");
    page.locator("loupe-notes-panel .own").waitFor();
    assertThat(page.locator("loupe-notes-panel .own").innerText())
        .isEqualTo("words of the <b>sea</b>");
    page.keyboard().press("b");
    page.locator("loupe-notes-panel [aria-pressed=true]").waitFor();
    visit("notes", "loupe-notes table");
    assertThat(page.locator("loupe-notes table").innerText()).contains("<b>sea</b>");
    visit("search?q=sea", ".result mark");
    visit("d/" + ServedSuite.MAIN + "/9", "loupe-notes-panel details summary").click();
    page.locator("loupe-notes-panel li .btn", new Page.LocatorOptions().setHasText("undo"))
        .last()
        .click();
    page.locator("loupe-notes-panel .undone").first().waitFor();
    assertThat(page.locator("loupe-notes-panel .own").count()).isZero();
  }

  @Test
  void peopleRateBlindByKeyboardAndSeeWhoIsRight() {
    page.navigate(server.url() + "#token=" + server.token());
    page.locator(".heat a.cell").first().waitFor();
    visit("rate/" + ServedSuite.MAIN, ".passages li .btn:not([disabled])");
    assertThat(page.locator("main").innerText())
        .doesNotContain("rules")
        .doesNotContain("judge said");
    int passages = page.locator(".passages li").count();
    for (int i = 0; i < passages; i++) {
      page.keyboard().press(i % 3 == 0 ? "n" : "y");
    }
    page.keyboard().press("Enter");
    page.locator(".passages .right, .passages .wrong").nth(passages - 1).waitFor();
    assertThat(page.locator("main").innerText())
        .contains("of " + passages)
        .contains("you agreed on")
        .contains("the judge said");
    page.keyboard().press("Enter");
    page.locator(".passages li.current").waitFor();
    assertThat(page.locator(".passages .right, .passages .wrong").count()).isZero();
    visit("explanations/" + ServedSuite.MAIN, "section[aria-label=People] table");
    assertThat(page.locator("section[aria-label=People]").innerText()).contains("anonymous");
    assertThat(page.locator("section[aria-label=Spending]").innerText()).contains("detection");
  }

  @Test
  void whatAJudgeWasAskedIsRead() {
    visit("explanations/" + ServedSuite.MAIN, "section[aria-label='Features to look at'] a.fref")
        .click();
    page.locator("#explanations details.asked summary").first().click();
    page.locator("#explanations .exchange pre").first().waitFor();
    assertThat(page.locator("#explanations .exchange").first().innerText()).contains("m, answered");
  }

  @Test
  void searchByMeaningFillsAsTheIndexIsMade() {
    visit("search?q=" + "religion", "loupe-search form");
    page.locator("loupe-search .tabs .btn").nth(1).click();
    page.waitForURL("**mode=semantic**");
    page.locator(".result .own, .result .mono").first().waitFor();
    page.locator("loupe-search .progress")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
    page.locator(".result").nth(99).waitFor();
    assertThat(page.locator(".result").count()).isEqualTo(100);
  }

  @Test
  void ownTextIsShownAndHasAnAddress() {
    visit(FEATURE, "loupe-own-text textarea").fill("The whale came up.");
    page.keyboard().press("Enter");
    page.locator("loupe-own-text .text").waitFor();
    assertThat(page.url()).contains("text=The+whale");
  }

  @Test
  void steeringShowsBothTexts() {
    visit("steer?f=" + ServedSuite.MAIN + "/3:add:1&tokens=5", ".edit");
    page.locator("form .btn.main").click();
    page.locator("section[aria-label='Dose'] svg").first().waitFor();
    assertThat(page.locator("section[aria-label='Steered'] strong").innerText()).isNotEmpty();
    page.locator("input[type=range]").last().fill("0");
    page.waitForURL("**dose=0*");
    page.locator("form .btn.main").click();
    page.locator("text=Nothing changed, bit for bit").waitFor();
  }

  @Test
  void aPastedNameOpensTheFeatureAndThePaletteFindsIt() {
    visit("", ".heat a.cell");
    page.evaluate(
        "name => { const data = new DataTransfer(); data.setData('text', name);"
            + " dispatchEvent(new ClipboardEvent('paste', {clipboardData: data})); }",
        ServedSuite.MAIN + "/5");
    page.waitForURL("**/d/" + ServedSuite.MAIN + "/5");
    page.keyboard().press("Control+k");
    page.keyboard().type(ServedSuite.MAIN + "/6");
    page.keyboard().press("Enter");
    page.waitForURL("**/d/" + ServedSuite.MAIN + "/6");
    page.locator("h1").waitFor();
    page.keyboard().press("?");
    assertThat(page.locator("#help").innerText()).contains("next feature");
  }

  /** From a disk, with nobody to ask. */
  @Test
  void aFileHoldsItsFeatures(@TempDir Path folder) {
    Path file = folder.resolve("some.html");
    try (FeatureStore store = Analysis.open(ServedSuite.suite(), TestSuite.MAIN)) {
      StandalonePage.write(file, store, List.of(3, 7, 9));
    }
    context.setOffline(true);
    page.navigate(file.toUri().toString());
    page.locator("table a").first().waitFor();
    assertThat(page.locator("table a").allInnerTexts()).containsExactly("3", "7", "9");
    page.locator("table a").first().click();
    page.locator(".samples li, .empty").first().waitFor();
    page.keyboard().press("]");
    page.waitForURL("**#/d/" + ServedSuite.MAIN + "/7");
    page.locator("h1", new Page.LocatorOptions().setHasText("7")).waitFor();
    page.goBack();
    page.waitForURL("**#/d/" + ServedSuite.MAIN + "/3");
  }

  @Test
  void whatIsNotThereIsSaid() {
    page.navigate(server.url() + "d/L9R-8x/1");
    page.locator("[role=alert]").waitFor();
    assertThat(page.locator("[role=alert]").innerText()).contains("L9R-8x");
    problems.removeIf(problem -> problem.contains("404"));
  }
}
