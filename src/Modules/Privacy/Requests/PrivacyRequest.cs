using System.Collections.Frozen;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;

namespace Tenet.Privacy.Requests;

/// <summary>What a person asks by law, from the day it came to its answer. Its own rules say which step may follow which.</summary>
[Record("privacy.request", Purpose.Accountability, Keep = PrivacyRequest.Rule)]
[Retained(
    "That a right was exercised and how it was answered has to be shown for 24 months: Articles 5(2) and 12 GDPR, section 7101 CCPA."
)]
internal sealed class PrivacyRequest
{
    public const string Rule = "privacy.requests";

    /// <summary>Published with the request's id at each step.</summary>
    public const string Topic = "privacy.request";

    private static readonly FrozenDictionary<RequestState, RequestState[]> Next = new Dictionary<RequestState, RequestState[]>
    {
        [RequestState.Received] = [RequestState.Verifying, RequestState.Verified, RequestState.Denied, RequestState.Withdrawn],
        [RequestState.Verifying] = [RequestState.Verified, RequestState.Denied, RequestState.Withdrawn],
        [RequestState.Verified] = [RequestState.InProgress, RequestState.WaitingForInput, RequestState.Denied, RequestState.Withdrawn],
        [RequestState.InProgress] = [RequestState.WaitingForInput, RequestState.Done, RequestState.Denied, RequestState.Withdrawn],
        [RequestState.WaitingForInput] = [RequestState.InProgress, RequestState.Denied, RequestState.Withdrawn],
        [RequestState.Done] = [],
        [RequestState.Denied] = [],
        [RequestState.Withdrawn] = [],
    }.ToFrozenDictionary();

    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public RequestRegime Regime { get; init; }

    [Operational]
    public RequestKind Kind { get; init; }

    [Operational]
    public RequestState State { get; private set; }

    [Operational]
    public RequestSource Source { get; init; }

    [Operational]
    public RequestIdentity Identity { get; private set; }

    /// <summary>Where letters go, and by what the person is found; null once they are erased.</summary>
    [Personal(Category.Email), Identifies]
    public string? Email { get; set; }

    [Personal(Category.Name)]
    public string? Name { get; set; }

    /// <summary>The person's own row, when they asked from the chat or from their account.</summary>
    [Personal(Category.Pseudonym), Refers(RefersAttribute.AnyPerson)]
    public Guid? PersonId { get; init; }

    /// <summary>What they wrote.</summary>
    [Personal(Category.Content)]
    public string? Details { get; set; }

    /// <summary>What they were told at the end.</summary>
    [Personal(Category.Content)]
    public string? Answer { get; set; }

    [Personal(Category.Language)]
    public string Language { get; init; } = "en";

    /// <summary>SHA-256 of the token of the newest letter's link.</summary>
    [Personal(Category.Credentials)]
    public byte[]? TokenHash { get; set; }

    [Operational]
    public DateTimeOffset? TokenEndsAt { get; set; }

    [Operational]
    public DateTimeOffset ReceivedAt { get; init; }

    [Operational]
    public DateTimeOffset AcknowledgeBy { get; init; }

    [Operational]
    public DateTimeOffset RespondBy { get; init; }

    [Operational]
    public DateTimeOffset DueAt { get; private set; }

    [Operational]
    public DateTimeOffset? AcknowledgedAt { get; set; }

    [Operational]
    public DateTimeOffset? RespondedAt { get; private set; }

    [Operational]
    public DateTimeOffset? VerifiedAt { get; private set; }

    [Operational]
    public DateTimeOffset? ExtendedAt { get; private set; }

    [Operational]
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>When the team was told that the day is near.</summary>
    [Operational]
    public DateTimeOffset? WarnedAt { get; init; }

    [Operational]
    public DenialGround? DeniedFor { get; private set; }

    /// <summary>One of the kind was answered within the time in which one is free.</summary>
    [Operational]
    public bool Repeated { get; init; }

    /// <summary>For a human review: the turn whose answer a person looks at.</summary>
    [Operational]
    public Guid? TurnId { get; init; }

    [Operational]
    public Guid? ExportId { get; set; }

    [Operational]
    public Guid? ErasureId { get; set; }

    /// <summary>A new one, not yet verified.</summary>
    public static PrivacyRequest Receive(PrivacyRequest request, DateTimeOffset dueAt)
    {
        request.DueAt = dueAt;
        return request;
    }

    public void SendLink() => Move(RequestState.Verifying);

    public void Verify(RequestIdentity by, DateTimeOffset now)
    {
        Move(RequestState.Verified);
        (Identity, VerifiedAt) = (by, now);
    }

    /// <summary>The first sign of the team's work counts as the first response.</summary>
    public void Begin(DateTimeOffset now)
    {
        Move(RequestState.InProgress);
        RespondedAt ??= now;
    }

    public void AskForInput(DateTimeOffset now)
    {
        Move(RequestState.WaitingForInput);
        RespondedAt ??= now;
    }

    /// <summary>Once, and only while the first term runs: the reasons have to be sent within it (Article 12(3)).</summary>
    public void Extend(DateTimeOffset until, DateTimeOffset now)
    {
        Demand(!State.IsClosed(), "This request is closed already.");
        Demand(ExtendedAt is null, "The term was extended already; it cannot be extended twice.");
        Demand(now <= DueAt, "The first term is over: an extension had to be told within it. Answer the request now.");
        Demand(until > DueAt, "There is no longer term for this kind of request.");
        (DueAt, ExtendedAt) = (until, now);
        RespondedAt ??= now;
    }

    public void Finish(DateTimeOffset now)
    {
        Move(RequestState.Done);
        Close(now);
    }

    public void Deny(DenialGround ground, DateTimeOffset now)
    {
        Demand(ErasureId is null, "The erasure has begun and cannot be called off.");
        Move(RequestState.Denied);
        DeniedFor = ground;
        Close(now);
    }

    public void Withdraw(DateTimeOffset now)
    {
        Demand(ErasureId is null, "The erasure has begun and cannot be called off.");
        Move(RequestState.Withdrawn);
        Close(now);
    }

    private void Close(DateTimeOffset now)
    {
        RespondedAt ??= now;
        ClosedAt = now;
    }

    private void Move(RequestState to)
    {
        Demand(Next[State].Contains(to), $"A request that is {Say(State)} cannot become {Say(to)}.");
        State = to;
    }

    private static string Say(RequestState state) =>
        state switch
        {
            RequestState.InProgress => "in progress",
            RequestState.WaitingForInput => "waiting for input",
            _ => state.ToString().ToLowerInvariant(),
        };

    private static void Demand(bool holds, string message)
    {
        if (!holds)
        {
            throw new ConflictException(message);
        }
    }
}
