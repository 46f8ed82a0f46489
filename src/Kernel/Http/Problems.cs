using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Http;

/// <summary>Not there, or not yours: both answer the same.</summary>
public sealed class NotFoundException(string what) : Exception($"There is no such {what}, or it is not yours.");

/// <summary>A rule was broken by what was sent. Names each field with what it must be.</summary>
public sealed class RuleException(IReadOnlyDictionary<string, string[]> errors) : Exception("What was sent cannot be accepted.")
{
    public RuleException(string field, string message)
        : this(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }) { }

    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors;

    /// <summary>All messages in one text, for a page that shows them at once.</summary>
    public string Summary => string.Join(" ", Errors.Values.SelectMany(messages => messages));
}

/// <summary>What is asked does not fit the state things are in; the message says what to do.</summary>
public sealed class ConflictException(string message) : Exception(message);

/// <summary>A limit of requests in a time is used up; the message says when to come back.</summary>
public sealed class TooManyRequestsException(string message) : Exception(message);

/// <summary>Turns what was thrown into ProblemDetails (RFC 9457). Nothing of the request's content comes back or into the log.</summary>
public sealed partial class Problems(IProblemDetailsService writer, Databases databases, ILogger<Problems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        var problem = Of(exception);
        databases.Room.Note(exception);
        if (problem.Status >= 500)
        {
            LogFailed(
                problem.Status.Value,
                exception.GetType().Name,
                ((exception as PostgresException) ?? exception.InnerException as PostgresException)?.SqlState,
                exception.TargetSite?.Name,
                exception.StackTrace
            );
        }
        if (RetryAfter(exception, problem) is { } wait)
        {
            httpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        httpContext.Response.StatusCode = problem.Status!.Value;
        return await writer.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    private static TimeSpan? RetryAfter(Exception exception, ProblemDetails problem) =>
        (exception, problem.Status) switch
        {
            (RefusedException refused, _) => refused.RetryAfter,
            (PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction }, _) => TimeSpan.FromSeconds(30),
            (_, 503) when DatabaseRoom.IsFull(exception) => TimeSpan.FromSeconds(30),
            (_, 503) => TimeSpan.FromSeconds(5),
            (_, 429) => TimeSpan.FromMinutes(1),
            _ => null,
        };

    internal static ProblemDetails Of(Exception exception) =>
        exception switch
        {
            _ when DatabaseRoom.IsFull(exception) => Problem(
                503,
                "The database's disk is full. Nothing was changed; the operator has to make room. Try again in a while."
            ),
            DbUpdateException { InnerException: PostgresException inner } => Of(inner),
            RuleException rule => new HttpValidationProblemDetails(rule.Errors.ToDictionary(StringComparer.Ordinal))
            {
                Status = 422,
                Title = rule.Message,
            },
            RefusedException refused => Problem(refused.Status, refused.Message),
            NotFoundException missing => Problem(404, missing.Message),
            TooManyRequestsException many => Problem(429, many.Message),
            ConflictException conflict => Problem(409, conflict.Message),
            BadHttpRequestException { InnerException: JsonException json } => new HttpValidationProblemDetails(
                new Dictionary<string, string[]>(StringComparer.Ordinal)
                {
                    [FieldOf(json.Path)] = ["This field is unknown or has the wrong type."],
                }
            )
            {
                Status = 400,
                Title = "The request is not the JSON that this endpoint takes.",
            },
            BadHttpRequestException { StatusCode: 413 } => Problem(413, "The request is larger than this endpoint takes."),
            BadHttpRequestException bad => Problem(bad.StatusCode, "The request cannot be read: a part is missing or has the wrong type."),
            PostgresException { SqlState: PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire } =>
                Problem(400, "The text contains a character that cannot be stored."),
            DbUpdateConcurrencyException or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => Problem(
                409,
                "This was changed meanwhile. Load it again and repeat your change."
            ),
            // Entity Framework wraps what may pass by itself.
            InvalidOperationException { InnerException: DbUpdateException inner } => Of(inner),
            InvalidOperationException { InnerException: NpgsqlException { IsTransient: true } inner } => Of(inner),
            PostgresException refused when Workspaces.RestrictedRows.Refused(refused) => Problem(
                409,
                "This person's data is kept and not used at present, as they asked. Ask the team to lift that."
            ),
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Problem(
                503,
                "The database takes no changes at present. Nothing was changed; try again in a while."
            ),
            PostgresException postgres when IsAway(postgres) => Problem(
                503,
                "The database is away. Nothing was changed; try again in a moment."
            ),
            NpgsqlException { IsTransient: true } or TimeoutException => Problem(
                503,
                "Tenet is busy. Nothing was changed; try again in a moment."
            ),
            _ => Problem(500, "Something went wrong on our side. Nothing was changed; the operator finds the details in the log."),
        };

    /// <summary>Shut down, starting, or out of connections, memory or disk.</summary>
    private static bool IsAway(PostgresException e) =>
        e.SqlState.StartsWith("57P", StringComparison.Ordinal)
        || e.SqlState.StartsWith("08", StringComparison.Ordinal)
        || e.SqlState.StartsWith("53", StringComparison.Ordinal);

    private static ProblemDetails Problem(int status, string title) => new() { Status = status, Title = title };

    private static string FieldOf(string? path) =>
        path is null or "$" ? "body"
        : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..]
        : path;

    [LoggerMessage(Level = LogLevel.Error, Message = "Answered {Status} because of {Error} {SqlState} in {Method}\n{Stack}")]
    private partial void LogFailed(int status, string error, string? sqlState, string? method, string? stack);
}
