using System.Text.Json.Nodes;
using Tenet.Tests.Guards;

namespace Tenet.Tests.Odoo;

/// <summary>Exchanges recorded from real Odoos: tests/fixtures/odoo.</summary>
internal static class Recordings
{
    public static JsonNode? Find(int version, string scenario)
    {
        var file = Path.Combine(Repository.Root, "tests/fixtures/odoo", $"{version}", scenario + ".json");
        return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) : null;
    }

    /// <summary>The number of a person in the Odoo that was recorded.</summary>
    public static int Uid(int version, string person) =>
        Find(version, $"sale-order-search_read-{person}")!["request"]!["body"]!["params"]!["args"]![1]!.GetValue<int>();
}
