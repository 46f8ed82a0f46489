using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;
using Tenet.Kernel.Telemetry;
using Tenet.Tests.Guards;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Telemetry;

/// <summary>The dashboard asks for what Tenet emits, by the names that Prometheus gives to OpenTelemetry's.</summary>
public sealed partial class DashboardTests(TestCluster cluster)
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "deploy/grafana/tenet.json"));

    [Fact]
    public void It_asks_for_nothing_that_is_not_emitted_and_shows_all_of_Tenets_own()
    {
        var emitted = Emitted().ToList();
        var series = emitted.SelectMany(instrument => SeriesOf(instrument)).ToHashSet(StringComparer.Ordinal);
        using var dashboard = JsonDocument.Parse(Text);
        var asked = Expressions(dashboard.RootElement)
            .SelectMany(e => Name().Matches(Grouping().Replace(e, "")))
            .Select(m => m.Value)
            .ToHashSet(StringComparer.Ordinal);

        asked.Except(series, StringComparer.Ordinal).ShouldBeEmpty();
        emitted
            .Where(instrument => instrument.Meter.Name == Signals.Name && !SeriesOf(instrument).Any(asked.Contains))
            .Select(instrument => instrument.Name)
            .ShouldBeEmpty();
    }

    [Fact]
    public void Its_panels_have_ids_of_their_own()
    {
        using var dashboard = JsonDocument.Parse(Text);
        var ids = dashboard.RootElement.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("id").GetInt32()).ToList();
        ids.Count.ShouldBeGreaterThan(15);
        ids.ShouldBeUnique();
    }

    private List<Instrument> Emitted()
    {
        var found = new List<Instrument>();
        // They are made when the class is first used, which may be after this test.
        RuntimeHelpers.RunClassConstructor(typeof(Signals).TypeHandle);
        using var gauges = new QueueGauges(cluster.Host.System, TimeProvider.System);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                lock (found)
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        lock (found)
        {
            return [.. found.Where(instrument => OtlpExport.Meters.Contains(instrument.Meter.Name))];
        }
    }

    private static IEnumerable<string> SeriesOf(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        var name = instrument.Name.Replace('.', '_') + unit;
        var kind = instrument.GetType().Name;
        return kind.StartsWith("Histogram", StringComparison.Ordinal) ? [$"{name}_bucket", $"{name}_count", $"{name}_sum"]
            : kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal)
                ? [$"{name}_total"]
            : [name];
    }

    private static IEnumerable<string> Expressions(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(field => field.NameEquals("expr") ? [field.Value.GetString()!] : Expressions(field.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Expressions),
            _ => [],
        };

    // Labels stand in "by (…)" only.
    [GeneratedRegex(@"\bby\s*\([^)]*\)", RegexOptions.None, 1000)]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\b(tenet|http_server|db_client|dotnet)_\w+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
