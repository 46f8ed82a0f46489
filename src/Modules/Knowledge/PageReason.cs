using Tenet.Kernel.Http;

namespace Tenet.Knowledge;

/// <summary>Why a page is not indexed: codes for the record, sentences for people.</summary>
internal static class PageReason
{
    public const string Robots = "robots";
    public const string NoIndex = "noindex";
    public const string Redirected = "redirected";
    public const string TooManyRedirects = "too_many_redirects";
    public const string RedirectedAway = "redirected_away";
    public const string Duplicate = "duplicate";
    public const string OnlyLinks = "only_links";
    public const string Unsupported = "unsupported_type";
    public const string TooLarge = "too_large";
    public const string TooSlow = "too_slow";
    public const string PrivateAddress = "private_address";
    public const string UnknownHost = "unknown_host";
    public const string Unreachable = "unreachable";
    public const string Broken = "broken_answer";
    public const string HttpError = "http_error";
    public const string NotFound = "not_found";
    public const string TooDeep = "too_deep";
    public const string Unreadable = "unreadable";

    public static string Of(EgressFailure failure) =>
        failure switch
        {
            EgressFailure.PrivateAddress => PrivateAddress,
            EgressFailure.UnknownHost => UnknownHost,
            EgressFailure.TooLarge => TooLarge,
            EgressFailure.TooSlow => TooSlow,
            EgressFailure.TooManyRedirects => TooManyRedirects,
            EgressFailure.RedirectRefused or EgressFailure.BadScheme => RedirectedAway,
            _ => Unreachable,
        };

    public static string Explain(string? reason, int? httpStatus) =>
        reason switch
        {
            null => "",
            Robots => "The site's robots.txt asks not to read this page.",
            NoIndex => "The page asks not to be indexed.",
            Redirected => "The address leads to another page, which is indexed instead.",
            TooManyRedirects => "The address redirects again and again.",
            RedirectedAway => "The address leads outside the site.",
            Duplicate => "Another page has the same text or is named as the original.",
            OnlyLinks => "The page has no text of its own, only links.",
            Unsupported => "This kind of file cannot be read.",
            TooLarge => "The page is larger than the limit of this source.",
            TooSlow => "The page took longer than the limit of this source.",
            PrivateAddress => "The address lies in a private network, which Tenet does not call.",
            UnknownHost => "The host's name cannot be resolved.",
            Unreachable => "The host did not answer.",
            Broken => "The answer broke off or was not valid HTTP.",
            NotFound => "The page does not exist (any more).",
            HttpError => $"The site answered with an error ({httpStatus}).",
            TooDeep => "The page lies deeper than the limit of this source.",
            Unreadable => "The page could not be read.",
            _ => reason,
        };
}
