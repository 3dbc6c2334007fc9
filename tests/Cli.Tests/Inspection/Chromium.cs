using PuppeteerSharp;
using Xunit;

namespace Requant.Cli.Tests.Inspection;

/// <summary>The browser of this machine, without a window.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (path is not null)
        {
            _browser = await Puppeteer.LaunchAsync(new LaunchOptions
            {
                ExecutablePath = path, Headless = true, Args = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
    }

    /// <summary>Opens a file; skips the test where there is no browser.</summary>
    public async Task<IPage> Open(string file, int width = 1280, int height = 900)
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium; the distribution's package is called chromium.");
        IPage page = await _browser!.NewPageAsync();
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });
        await page.GoToAsync(new Uri(Path.GetFullPath(file)).AbsoluteUri);
        await page.WaitForSelectorAsync("body[data-ready]");
        return page;
    }
}
