using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.DataMaps;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Guards;

public sealed class CensusTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_column_says_what_it_is() =>
        (await cluster.Host.Services.GetRequiredService<Census>().CompareAsync(_ct)).ShouldBeEmpty();

    [Fact]
    public void Every_record_of_the_program_is_in_the_map_once()
    {
        var declared = cluster.Host.Services.GetRequiredService<DataMap>().Tables.Select(table => table.Entity).ToList();

        declared.ShouldBeUnique();
        Product.Types.Where(type => type.IsDefined(typeof(RecordAttribute), inherit: false)).Except(declared).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("alter table kernel.job add column note text", "The column kernel.job.note has no data class.")]
    [InlineData("create table audit.extra (workspace_id uuid, id uuid)", "The table audit.extra is not declared by any module.")]
    [InlineData("create schema side; create table side.notes (text text)", "The table side.notes is not declared by any module.")]
    [InlineData(
        "drop index inbox.conversation_by_visitor",
        "No index of inbox.conversation begins with workspace_id and visitor_id, by which a person's rows are found."
    )]
    [InlineData(
        "alter table kernel.blob_chunk drop constraint blob_chunk_workspace_id_blob_id_fkey",
        "The column kernel.blob_chunk.bytes is personal and its rows lead to no person: add [Refers], [Owns] on what it belongs to, or [NoSubject]."
    )]
    [InlineData("alter table kernel.job drop column last_error", "The column kernel.job.last_error does not exist.")]
    [Trait("Seeded", "a column without a data class")]
    [Trait("Seeded", "a table that no module declares")]
    public async Task A_schema_that_nobody_classified_is_found_and_keeps_the_host_from_starting(string sabotage, string finding)
    {
        var database = await cluster.CreateDatabaseAsync();
        await using (var host = await TestHost.StartAsync(database, cluster.MasterKeyFile, null))
        {
            await host.AsOwnerAsync<object>(sabotage);

            (await host.Services.GetRequiredService<Census>().CompareAsync(_ct)).ShouldBe([finding]);
        }
        var refused = await Should.ThrowAsync<InvalidOperationException>(() => TestHost.StartAsync(database, cluster.MasterKeyFile, null));
        refused.Message.ShouldContain(finding);
    }

    [Fact]
    [Trait("Seeded", "a property without a data class")]
    [Trait("Seeded", "a table under no retention rule")]
    public void A_property_without_a_class_and_a_rule_that_nobody_declares_are_found()
    {
        Should.Throw<InvalidOperationException>(() => Records.Read(typeof(Unclassified))).Message.ShouldContain("Unclassified.Name");

        var map = new DataMap([Records.Read(typeof(Unruled))], new Dictionary<string, string>(StringComparer.Ordinal));
        Census.Compare(map, [("lab.unruled", "workspace_id"), ("lab.unruled", "id")]).ShouldHaveSingleItem().ShouldContain("lab.forever");
    }

    [Record("lab.unclassified", Purpose.Operations, Keep = "lab.forever")]
    private sealed record Unclassified
    {
        [Operational]
        public Guid Id { get; init; }
        public string? Name { get; init; }
    }

    [Record("lab.unruled", Purpose.Operations, Keep = "lab.forever")]
    private sealed record Unruled
    {
        [Operational]
        public Guid Id { get; init; }
    }
}
