using System.Text;
using Npgsql;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Telemetry;

/// <summary>
/// What sinks see of an exception: types, codes and places, never messages. Those of databases, parsers and HTTP quote what was sent.
/// </summary>
internal sealed class ScrubbedException : Exception
{
    private const int MaxInner = 5;
    private readonly string? _stack;

    private ScrubbedException(string type, string? code, string? stack, ScrubbedException[] inner)
        : base(code is null ? type : $"{type} ({code})")
    {
        (TypeName, Code, _stack, Inner) = (type, code, stack, inner);
    }

    public string TypeName { get; }

    /// <summary>SQLSTATE, HTTP error or the kind of refusal, where the type has one.</summary>
    public string? Code { get; }

    public IReadOnlyList<ScrubbedException> Inner { get; }

    public override string? StackTrace => _stack;

    public static ScrubbedException Of(Exception exception, int depth = 0)
    {
        if (exception is ScrubbedException clean)
        {
            return clean;
        }
        var inner =
            depth >= MaxInner ? []
            : exception is AggregateException many ? many.InnerExceptions.Take(MaxInner)
            : exception.InnerException is { } one ? [one]
            : Enumerable.Empty<Exception>();
        return new ScrubbedException(
            exception.GetType().FullName ?? exception.GetType().Name,
            CodeOf(exception),
            exception.StackTrace,
            [.. inner.Select(e => Of(e, depth + 1))]
        );
    }

    private static string? CodeOf(Exception exception) =>
        exception switch
        {
            PostgresException postgres => postgres.SqlState,
            EgressException egress => egress.Failure.ToString(),
            HttpRequestException http => http.StatusCode is { } status ? $"HTTP {(int)status}" : http.HttpRequestError.ToString(),
            System.Net.Sockets.SocketException socket => socket.SocketErrorCode.ToString(),
            _ => null,
        };

    public override string ToString()
    {
        var text = new StringBuilder(Message);
        foreach (var inner in Inner)
        {
            text.Append("\n ---> ").Append(inner).Append("\n   --- end of inner ---");
        }
        return _stack is null ? text.ToString() : text.Append('\n').Append(_stack).ToString();
    }
}
