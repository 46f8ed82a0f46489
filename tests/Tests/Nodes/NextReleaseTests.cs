using System.Globalization;
using Shouldly;
using Tenet.Kernel.Vault;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Nodes;

public sealed class NextReleaseTests(TestCluster cluster) : IDisposable
{
    private readonly DirectoryInfo _schema = Directory.CreateTempSubdirectory("tenet-next-");

    [Fact]
    public async Task A_host_starts_and_answers_on_the_schema_of_the_next_release()
    {
        var database = await MigratedToAsync(2);
        await using var setup = await TestHost.StartAsync(database, cluster.MasterKeyFile, null, background: false);
        var workspace = await setup.OpenWorkspaceAsync();
        await using var tenet = new TenetProcess(database, cluster.MasterKeyFile);
        await tenet.StartAsync();

        using var visitor = await WidgetVisitor.ArriveAsync(setup, workspace, at: tenet.Address);
        await visitor.SayAsync("Do you sell tents?");
        await visitor.UntilAnsweredAsync();

        (await setup.AsOwnerAsync<int>("select max(release) from public.tenet_schema")).ShouldBe(2);
    }

    [Fact]
    public async Task A_host_refuses_the_schema_of_the_release_after_the_next()
    {
        await using var tenet = new TenetProcess(await MigratedToAsync(2, 3), cluster.MasterKeyFile);

        var refused = await Should.ThrowAsync<InvalidOperationException>(tenet.StartAsync);

        refused.Message.ShouldContain("which this version of Tenet does not know");
    }

    public void Dispose() => _schema.Delete(recursive: true);

    private async Task<string> MigratedToAsync(params int[] releases)
    {
        var database = await cluster.CreateDatabaseAsync();
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "schema"));
        foreach (var file in files)
        {
            File.Copy(file, Path.Combine(_schema.FullName, Path.GetFileName(file)));
        }
        foreach (var (release, index) in releases.Select((release, index) => (release, index)))
        {
            await File.WriteAllTextAsync(
                Path.Combine(_schema.FullName, string.Create(CultureInfo.InvariantCulture, $"{files.Length + index + 1:0000}_next.sql")),
                $"""
                -- Release {release}.
                create table inbox.mood_{release} (workspace_id uuid not null, id uuid not null, primary key (workspace_id, id));
                select kernel.protect('inbox.mood_{release}');
                alter table inbox.message add column mood_{release} text not null default 'none';
                """
            );
        }
        await TestCluster.MigrateAsync(database, MasterKey.FromFile(cluster.MasterKeyFile, create: false), _schema.FullName);
        return database;
    }
}
