using Microsoft.Playwright;
using Shouldly;
using Tenet.Tests.Guards;

namespace Tenet.Tests.Browser;

/// <summary>axe-core's rules, over a page as it stands, shadow trees included.</summary>
internal static class Accessibility
{
    private static readonly string Script = Path.Combine(Repository.Root, "clients/widget/node_modules/axe-core/axe.min.js");

    /// <summary>To be called before the page is opened: the pages' policies let no script in afterwards.</summary>
    public static Task BringAxeAsync(this Tab tab) => tab.Page.Context.AddInitScriptAsync(scriptPath: Script);

    /// <summary>No serious and no critical violation.</summary>
    public static async Task ShouldBeAccessibleAsync(this Tab tab)
    {
        // What the page itself did counts before axe lays styles of its own into it, which the page's policy refuses.
        tab.ShouldBeQuiet();
        var found = await tab.Page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run(document, { resultTypes: ["violations"], preload: false })).violations
              .filter((rule) => ["serious", "critical"].includes(rule.impact))
              .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.flat().join(" ")}: ${node.failureSummary}`))
            """
        );
        tab.ForgetFaults();
        found.ShouldBeEmpty($"{new Uri(tab.Page.Url).AbsolutePath} breaks rules of accessibility.");
    }
}
