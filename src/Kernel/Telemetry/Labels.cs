namespace Tenet.Kernel.Telemetry;

/// <summary>The labels that may leave with a metric or a span. Whatever is not here is taken off, so that a new label is looked at first.</summary>
internal static class Labels
{
    /// <summary>Labels of metrics: each has few values, and none says which workspace.</summary>
    public static readonly string[] OfMetrics =
    [
        "outcome",
        "kind",
        "provider",
        "policy",
        "state",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "url.scheme",
        "error.type",
        "network.protocol.version",
        "db.client.connection.pool.name",
        "db.client.connection.state",
        "db.operation.name",
        "db.response.status_code",
        "db.system.name",
        "gc.heap.generation",
        "dotnet.gc.heap.generation",
        "cpu.mode",
    ];

    /// <summary>Ids, which a span may have beside the labels of metrics.</summary>
    private static readonly string[] OfSpans = ["tenet.workspace", "tenet.subject", "tenet.attempt"];

    private static readonly HashSet<string> All = new(OfMetrics.Concat(OfSpans), StringComparer.Ordinal);

    public static bool MayLeave(string name, object? value) =>
        All.Contains(name) && value is Guid or bool or int or long or double or Enum or string { Length: <= 200 };
}
