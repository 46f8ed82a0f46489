namespace Tenet.Tests.Support.ModelFakes;

/// <summary>How a fake model's stream ends after its deltas.</summary>
public enum FakeEnding
{
    Finish,
    Length,
    Refuse,

    /// <summary>The connection closes in order, but the model never said that it was done.</summary>
    EndEarly,

    /// <summary>The connection is reset in the middle.</summary>
    Abort,

    /// <summary>Nothing more comes until the client gives up.</summary>
    Stall,

    /// <summary>An error event inside a stream that began with 200.</summary>
    ErrorEvent,

    /// <summary>A line that is not JSON.</summary>
    Garbage,
}

/// <param name="Name">The tool.</param>
/// <param name="Arguments">Sent as it is, in two pieces; need not be JSON.</param>
/// <param name="Id">The call's id.</param>
public sealed record FakeToolCall(string Name, string Arguments, string Id = "call_1");

/// <summary>One scripted answer of <see cref="FakeModelServer"/>.</summary>
public sealed record FakeReply
{
    public IReadOnlyList<string> Deltas { get; init; } = [];
    public IReadOnlyList<FakeToolCall> Tools { get; init; } = [];
    public FakeEnding Ending { get; init; } = FakeEnding.Finish;

    /// <summary>Anything but 200 answers with an error body and no stream.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The provider's code inside the error body or event.</summary>
    public string? ErrorCode { get; init; }
    public string? RetryAfter { get; init; }

    /// <summary>Waited before the first byte of the head.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Waited between two deltas.</summary>
    public TimeSpan Gap { get; init; }
    public int TokensIn { get; init; } = 21;
    public int TokensOut { get; init; } = 8;
    public bool ReportsUsage { get; init; } = true;

    public static FakeReply Text(params string[] deltas) => new() { Deltas = deltas };

    public static FakeReply Error(int status, string? code = null, string? retryAfter = null) =>
        new()
        {
            Status = status,
            ErrorCode = code,
            RetryAfter = retryAfter,
        };

    public static FakeReply Call(string tool, string arguments) => new() { Tools = [new FakeToolCall(tool, arguments)] };
}

/// <param name="Path">The request's path.</param>
/// <param name="Key">What the Authorization or x-api-key header held.</param>
/// <param name="Body">The JSON that came.</param>
public sealed record FakeRequest(string Path, string? Key, string Body);
