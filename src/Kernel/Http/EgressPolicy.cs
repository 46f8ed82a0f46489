namespace Tenet.Kernel.Http;

/// <summary>The bounds of one kind of outside call.</summary>
public sealed record EgressPolicy(string Name)
{
    public int MaxRedirects { get; init; }

    /// <summary>Bytes of a body after decompression; reading beyond throws <see cref="EgressException"/>.</summary>
    public long MaxBytes { get; init; } = 10_000_000;

    /// <summary>From the request to the end of the body.</summary>
    public TimeSpan TotalTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest silence while the body is read.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(5);

    public int ConnectionsPerHost { get; init; } = 32;

    /// <summary>
    /// <c>host:port</c> that the operator's settings name for this purpose, such as a collector; it may stand inside the operator's own network.
    /// </summary>
    public string? OperatorHost { get; init; }

    /// <summary>
    /// Whether those who are called receive data, so that they must stand on the public list of recipients. Not where a site is only read, or a
    /// way only tried.
    /// </summary>
    public bool IsRecipient { get; init; } = true;

    /// <summary>Called before each redirect is followed; false refuses it.</summary>
    public Func<Uri, bool>? AllowRedirect { get; init; }

    public string UserAgent { get; init; } = "Tenet/0.1";
}

public enum EgressFailure
{
    PrivateAddress,
    UnknownHost,
    Unreachable,
    TooManyRedirects,
    RedirectRefused,
    TooLarge,
    TooSlow,
    BadScheme,

    /// <summary>No TLS, or an older one than the policies in force allow.</summary>
    WeakTls,
}

/// <summary>An outside call that was refused or cut off. The message names no address and no content.</summary>
public sealed class EgressException(EgressFailure failure, Exception? inner = null) : Exception(Say(failure), inner)
{
    public EgressFailure Failure => failure;

    private static string Say(EgressFailure failure) =>
        failure switch
        {
            EgressFailure.PrivateAddress => "The host resolves to an address inside a private network, which Tenet does not call.",
            EgressFailure.UnknownHost => "The host's name cannot be resolved.",
            EgressFailure.Unreachable => "The host cannot be reached.",
            EgressFailure.TooManyRedirects => "The address redirects too many times.",
            EgressFailure.RedirectRefused => "The address redirects to a place that is not allowed.",
            EgressFailure.TooLarge => "The answer is larger than the limit.",
            EgressFailure.TooSlow => "The answer takes longer than the limit.",
            EgressFailure.WeakTls => "The host does not speak TLS, or only a version that the policies in force do not allow.",
            _ => "Only http and https addresses can be called.",
        };
}
