using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Demo;
using Tenet.Kernel.Workspaces;
using Tenet.Knowledge;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Demo;

public sealed class DemoWorkspaceTests(TestCluster cluster)
{
    [Theory]
    [InlineData("Can I swap the tent for the larger one after it has shipped?", "/demo/returns#exchange")]
    [InlineData("How long can I return something?", "/demo/returns#time")]
    [InlineData("May my dog sleep in the tent?", "/demo/faq#dogs")]
    [InlineData("at what temperature do I wash the rain jacket", "/demo/care#jacket")]
    [InlineData("Wer zahlt die Rücksendung?", "/demo/de/rueckgabe#kosten")]
    public async Task Opening_it_reads_the_shop_so_that_questions_find_their_heading(string question, string place)
    {
        await using var host = await cluster.StartHostAsync();
        var demo = host.Services.GetRequiredService<DemoWorkspace>();

        var link = await demo.OpenAsync(host.Address, new Progress<string>(), CancellationToken.None);
        await demo.OpenAsync(host.Address, new Progress<string>(), CancellationToken.None);

        link.AbsolutePath.ShouldStartWith("/sign-in/link/");
        var workspace = await host.Services.GetRequiredService<WorkspaceDirectory>().FindAsync("demo", CancellationToken.None);
        var found = await host.Services.GetRequiredService<KnowledgeSearch>().FindAsync(workspace!.Id, question, 5, CancellationToken.None);
        found.Select(passage => new Uri(passage.Url)).Select(url => url.AbsolutePath + url.Fragment).Take(3).ShouldContain(place);
    }
}
