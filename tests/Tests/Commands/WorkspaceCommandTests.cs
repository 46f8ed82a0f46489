using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Tenet.Commands;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Commands;

public sealed class WorkspaceCommandTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_opens_a_workspace_and_its_owner_signs_in_by_the_printed_link()
    {
        await using var host = await cluster.StartHostAsync();
        await using var tenet = new TenetProcess(host.AdminConnectionString, cluster.MasterKeyFile);

        var (exitCode, output) = await tenet.RunAsync(
            "workspace",
            "open",
            "Müller & Söhne",
            "--owner",
            "Ann@Example.com",
            "--language",
            "de"
        );

        exitCode.ShouldBe(0, output);
        output.ShouldContain("The workspace muller-sohne is open.");
        var owner = new Accounts.Browser(host, _ct);
        await owner.RedeemAsync(output.Split("/sign-in/link/")[1].Split('\n')[0].Trim());
        using var workspace = await owner.GetAsync("/api/workspace");
        (await workspace.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("name").GetString().ShouldBe("Müller & Söhne");
        (await tenet.RunAsync("workspace", "list")).Output.ShouldContain("muller-sohne");
    }

    [Fact]
    public async Task A_short_name_belongs_to_one_business_and_an_owner_can_be_added_to_it()
    {
        await using var tenet = new TenetProcess(await cluster.CreateDatabaseAsync(), cluster.MasterKeyFile);
        (await tenet.RunAsync("workspace", "open", "Lamps", "--owner", "ann@example.com")).ExitCode.ShouldBe(0);

        var (exitCode, output) = await tenet.RunAsync("workspace", "open", "Other lamps", "--slug", "lamps", "--owner", "bob@example.com");

        exitCode.ShouldBe(1);
        output.ShouldContain("This name is taken.");
        (await tenet.RunAsync("workspace", "owner", "lamps", "bob@example.com")).Output.ShouldContain("http");
    }

    [Fact]
    public async Task An_operator_gives_credits()
    {
        await using var tenet = new TenetProcess(await cluster.CreateDatabaseAsync(), cluster.MasterKeyFile);
        (await tenet.RunAsync("workspace", "open", "Lamps", "--owner", "ann@example.com")).ExitCode.ShouldBe(0);

        (await tenet.RunAsync("credits", "give", "lamps", "50")).Output.ShouldContain("Nothing is sold on this installation yet");

        (await tenet.RunAsync("credits", "give", "lamps", "0")).ExitCode.ShouldBe(1);
        (await tenet.RunAsync("credits", "give", "nobody", "5")).Output.ShouldContain("There is no workspace");
    }

    [Theory]
    [InlineData("Lamps", "not an address", "en")]
    [InlineData("Lamps", "ann@example.com", "xx")]
    [InlineData("!!!", "ann@example.com", "en")]
    public async Task What_cannot_be_opened_is_said_and_nothing_is_left(string name, string owner, string language)
    {
        await using var tenet = new TenetProcess(await cluster.CreateDatabaseAsync(), cluster.MasterKeyFile);

        var (exitCode, output) = await tenet.RunAsync("workspace", "open", name, "--owner", owner, "--language", language);

        exitCode.ShouldBe(1, output);
        (await tenet.RunAsync("workspace", "list")).Output.ShouldNotContain("lamps");
    }

    [Theory]
    [InlineData("Müller & Söhne", "muller-sohne")]
    [InlineData("  Ångström's 24/7 Café ", "angstrom-s-24-7-cafe")]
    [InlineData("東京", "")]
    public void A_short_name_is_made_of_the_name(string name, string slug) => WorkspaceCommand.SlugOf(name).ShouldBe(slug);
}
