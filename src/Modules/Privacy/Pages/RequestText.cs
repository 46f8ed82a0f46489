using System.Globalization;
using Tenet.Kernel.Screens;
using Tenet.Privacy.Requests;

namespace Tenet.Privacy.Pages;

/// <summary>How the team reads a request.</summary>
internal static class RequestText
{
    public static string Of(RequestKind kind) =>
        kind switch
        {
            RequestKind.Access => "Access",
            RequestKind.Portability => "Portability",
            RequestKind.Rectification => "Correction",
            RequestKind.Erasure => "Erasure",
            RequestKind.Restriction => "Restriction",
            RequestKind.Objection => "Objection",
            RequestKind.HumanReview => "Review by a person",
            RequestKind.Know => "Know (CCPA)",
            RequestKind.Delete => "Delete (CCPA)",
            RequestKind.OptOut => "Opt out of sale (CCPA)",
            _ => "Limit sensitive use (CCPA)",
        };

    public static (string Says, Tone Tone) Of(RequestState state) =>
        state switch
        {
            RequestState.Received => ("to be verified", Tone.Soon),
            RequestState.Verifying => ("letter sent", Tone.Stale),
            RequestState.Verified => ("to be answered", Tone.Soon),
            RequestState.InProgress => ("in progress", Tone.Soon),
            RequestState.WaitingForInput => ("waits for the person", Tone.Stale),
            RequestState.Done => ("done", Tone.Holds),
            RequestState.Denied => ("denied", Tone.Broken),
            _ => ("withdrawn", Tone.Stale),
        };

    public static string Of(RequestIdentity identity) =>
        identity switch
        {
            RequestIdentity.Link => "opened the link in the letter to the address",
            RequestIdentity.Widget => "asked with the chat's own token",
            RequestIdentity.Member => "was signed in",
            RequestIdentity.Review => "was verified by the team",
            _ => "not proven yet",
        };

    public static string Of(RequestSource source) =>
        source switch
        {
            RequestSource.Api => "the API",
            RequestSource.Form => "the public form",
            RequestSource.Widget => "the chat",
            RequestSource.Email => "the team, from a message",
            _ => "Account, Privacy",
        };

    public static string Of(DenialGround ground) =>
        ground switch
        {
            DenialGround.SuspectedFraud => "Suspected fraud",
            DenialGround.InsufficientVerification => "Could not be verified",
            DenialGround.NoMatch => "Nothing is held of this person",
            DenialGround.ClaimNotCovered => "The right does not apply here",
            DenialGround.OutsideJurisdiction => "The law does not apply here",
            DenialGround.TooManyRequests => "Asked too often",
            _ => "Another reason",
        };

    public static string OfStep(string step) =>
        step switch
        {
            "received" => "Came in",
            "verified" => "Verified",
            "begun" => "Begun",
            "asked" => "Asked the person",
            "answered" => "The person answered",
            "extended" => "Extended",
            "denied" => "Denied",
            "withdrawn" => "Withdrawn by the person",
            "erasing" => "Erasure begun",
            "corrected" => "Corrected",
            "done" => "Done",
            _ => step,
        };

    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>How long is left, in whole days: nobody plans by hours.</summary>
    public static string Left(RequestRow row, DateTimeOffset now)
    {
        if (row.ClosedAt is { } closed)
        {
            return Day(closed);
        }
        var days = row.DaysLeft(now);
        return days switch
        {
            < -1 => $"{-days} days overdue",
            -1 => "overdue",
            0 => "due today",
            1 => "1 day left",
            _ => $"{days} days left",
        };
    }
}
