using System.Globalization;
using PuppeteerSharp;
using Requant.Cli.Inspection;
using Requant.Cli.Rules;
using Requant.Tests;
using Xunit;

namespace Requant.Cli.Tests.Inspection;

/// <summary>What the inspector's page does in a browser.</summary>
public sealed class PageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Lit =
        "rows => rows.filter(row => row.classList.contains('lit')).map(row => Number(row.dataset.line))";
    /// <summary>Panes below each other, each with all of its lines, none wider than the paper.</summary>
    private const string FitsPaper = """
        panes => panes.length > 0 && panes.every((pane, index) => {
          const [own, text] = [pane.getBoundingClientRect(), pane.querySelector('.text')];
          const rows = [...text.querySelectorAll('.code')].map(row => row.getBoundingClientRect());
          return (index === 0 || own.top >= panes[index - 1].getBoundingClientRect().bottom)
            && rows.every(row => row.top >= own.top && row.bottom <= own.bottom && row.right <= own.right);
        })
        """;

    private const int LargestBytes = 2_000_000;

    private static readonly string[] Panes = ["source", "ir", "host", "scalar", "simd", "ilgpu", "ptx", "asm"];

    /// <summary>Rules of elements, tensors, rows and columns, and matrices, with a line that becomes vector
    /// instructions of every backend.</summary>
    public static TheoryData<string, string> Rules => new(LongRun.Of(
        new[] { ("Lion", "float update = "), ("Adafactor", "p = p * ") },
        [
            ("Lion", "float update = "), ("Adam", "v = beta2"), ("Lamb", "float update = "), ("Adafactor", "p = p * "),
            ("Muon", "m = "),
        ]));

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Click_OnALine_LightsWhatItCameFromAndWhatBecameOfIt(string name, string start)
    {
        (string file, RulePanes panes) = Write(name);
        await using IPage page = await chromium.Open(file);
        Pane source = panes.Panes["source"];
        int wanted = source.Lines.ToList()
            .FindIndex(line => line.TrimStart().StartsWith(start, StringComparison.Ordinal)) + 1;
        Assert.True(wanted > 0);

        await Click(page, "source", wanted);

        foreach (string pane in Panes)
        {
            int[] expected = Lines(PaneOf(panes, pane), rule => rule.Contains(wanted));
            Assert.Equal(expected, await LitIn(page, $"#pane-{pane} "));
            Assert.True(expected.Length > 0 || pane == "host", $"Nothing is lit in pane '{pane}'.");
        }

        // Back from each of them.
        foreach (string pane in Panes.Where(pane => pane is not ("source" or "host")))
        {
            Pane own = PaneOf(panes, pane);
            int[] lit = Lines(own, rule => rule is [var line] && line == wanted);
            if (lit.Length == 0 && pane == "asm")
            {
                // The JIT has put the whole loop into one statement.
                continue;
            }

            await Click(page, pane, lit[lit.Length / 2]);
            Assert.Equal([wanted], await LitIn(page, "#pane-source "));
        }
    }

    [Fact]
    public async Task Keyboard_ArrowsEnterAndEscape_DoWhatClicksDo()
    {
        (string file, RulePanes panes) = Write("Lion");
        await using IPage page = await chromium.Open(file);
        int wanted = panes.Panes["source"].Lines.ToList()
            .FindIndex(line => line.Contains("float update", StringComparison.Ordinal)) + 1;

        await page.FocusAsync("#pane-source .text");
        await page.Keyboard.PressAsync("Home");
        for (int line = 1; line < wanted; line++)
        {
            await page.Keyboard.PressAsync("ArrowDown");
        }

        await page.Keyboard.PressAsync("Enter");
        Assert.Equal([wanted], await LitIn(page, "#pane-source "));

        await page.Keyboard.PressAsync("Escape");
        Assert.Empty(await LitIn(page, ""));
    }

    [Fact]
    public async Task Differences_OfAnotherVariant_AreMarked()
    {
        string file = NewFile();
        RuleEntry rule = RuleCatalog.Load(null).Find("AdamW");
        RulePanes panes = Small(rule).Build(_ => { });
        InspectorPage.Write(file, panes, Against.Parse("variant:1", rule, null), null);
        await using IPage page = await chromium.Open(file, 2560, 1400);

        Assert.Empty(await page.QuerySelectorAllAsync(".row.added"));
        await page.ClickAsync("#compare");

        Assert.NotEmpty(await page.QuerySelectorAllAsync("#pane-ptx .row.added"));
        Assert.NotEmpty(await page.QuerySelectorAllAsync("#pane-asm .row.removed"));
        Assert.Empty(await page.QuerySelectorAllAsync("#pane-source .row.added"));
    }

    [Fact]
    public async Task Switches_OfVariant_ShowItsKernels()
    {
        (string file, RulePanes panes) = Write("AdamW");
        await using IPage page = await chromium.Open(file);

        await page.SelectAsync("#variant", "1");

        int shown = await page.QuerySelectorAllHandleAsync("#pane-ptx .row")
            .EvaluateFunctionAsync<int>("rows => rows.length");
        Assert.Equal(panes.Compiled["1/fp32/Declared"].Ptx.Lines.Count, shown);
        Assert.NotEqual(panes.Compiled["0/fp32/Declared"].Ptx.Lines.Count, shown);
    }

    [Theory]
    [InlineData(720)]
    [InlineData(1400)]
    public async Task Print_OnPaper_ShowsAllOfEveryPane(int width)
    {
        (string file, _) = Write("Adam");
        await using IPage page = await chromium.Open(file, width, 1000);

        Assert.False(await FitsOnPaper(page));
        await page.EmulateMediaTypeAsync(PuppeteerSharp.Media.MediaType.Print);

        Assert.True(await FitsOnPaper(page));
    }

    [Fact]
    public async Task Page_WithoutNetwork_NeedsNothingElse()
    {
        (string file, _) = Write("Lion");
        var asked = new List<string>();
        await using IPage page = await chromium.Open(file);
        page.Request += (_, request) => asked.Add(request.Request.Url);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("body[data-ready]");

        Assert.All(asked, url => Assert.Equal(new Uri(Path.GetFullPath(file)).AbsoluteUri, url));
        Assert.InRange(new FileInfo(file).Length, 1, LargestBytes);
    }

    private static Task<bool> FitsOnPaper(IPage page) =>
        page.QuerySelectorAllHandleAsync("section.pane").EvaluateFunctionAsync<bool>(FitsPaper);

    private static Task<int[]> LitIn(IPage page, string pane) =>
        page.QuerySelectorAllHandleAsync($"{pane}.row").EvaluateFunctionAsync<int[]>(Lit);

    private static PaneBuilder Small(RuleEntry rule) =>
        new(rule, null, "sm_90") { Elements = ["fp32"], Codecs = [StateCodecs.Declared] };

    private static (string File, RulePanes Panes) Write(string name)
    {
        string file = NewFile();
        RulePanes panes = Small(RuleCatalog.Load(null).Find(name)).Build(_ => { });
        InspectorPage.Write(file, panes, null, null);
        return (file, panes);
    }

    private static string NewFile() =>
        Path.Combine(Directory.CreateTempSubdirectory("requant-page").FullName, "page.html");

    private static Pane PaneOf(RulePanes panes, string id) => id switch
    {
        "ptx" => panes.Compiled[$"{panes.Variant}/fp32/Declared"].Ptx,
        "asm" => panes.Asm[$"{panes.Variant}/Declared"],
        _ => panes.Panes[id],
    };

    private static int[] Lines(Pane pane, Func<int[], bool> isWanted) =>
        [.. Enumerable.Range(1, pane.Lines.Count).Where(line => isWanted(pane.Rule[line - 1]))];

    private static Task Click(IPage page, string pane, int line) => page.EvaluateFunctionAsync(
        "(pane, line) => document.querySelector(`#pane-${pane} .row[data-line='${line}']`).click()", pane,
        line.ToString(CultureInfo.InvariantCulture));
}
