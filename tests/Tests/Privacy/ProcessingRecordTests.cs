using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel.DataMaps;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class ProcessingRecordTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_table_and_every_category_of_the_data_map_stands_in_the_record()
    {
        var map = _host.Services.GetRequiredService<DataMap>();
        using var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), "admin");

        var record = JsonDocument.Parse(await client.GetStringAsync("/policy/records.json", Ct)).RootElement;

        var activities = record
            .GetProperty("asController")
            .EnumerateArray()
            .Concat(record.GetProperty("asProcessor").EnumerateArray())
            .ToList();
        Texts(activities, "tables").ShouldBe(map.Tables.Select(table => table.Table).Distinct(), ignoreOrder: true);
        Texts(activities, "categories")
            .Distinct()
            .ShouldBe(
                map.Tables.SelectMany(table => table.Columns).Select(column => column.Category).OfType<string>().Distinct(),
                ignoreOrder: true
            );
        activities.ShouldAllBe(activity => activity.GetProperty("legalBasis").GetString() != null);
        record.GetProperty("measures").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_table_has_a_line_for_each_purpose()
    {
        var map = _host.Services.GetRequiredService<DataMap>();
        using var client = await _host.SignInAsync(await _host.OpenWorkspaceAsync(), "admin");

        using var answer = await client.GetAsync("/policy/records.csv", Ct);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        var lines = (await answer.Content.ReadAsStringAsync(Ct)).TrimEnd().Split("\r\n");
        lines.Length.ShouldBe(1 + map.Tables.Select(table => table.Purpose).Distinct().Count());
        lines.ShouldAllBe(line => line.Split("\",\"").Length == 10);
    }

    private static IEnumerable<string> Texts(IEnumerable<JsonElement> activities, string property) =>
        activities.SelectMany(activity => activity.GetProperty(property).EnumerateArray()).Select(text => text.GetString()!);
}
