using System.Security.Authentication;

namespace Tenet.Kernel.Http;

/// <summary>Somebody outside who was sent something.</summary>
/// <param name="Purpose">The name of the egress policy: <c>models</c>.</param>
/// <param name="Host">Lower case.</param>
/// <param name="Tls">The version that was spoken: <c>1.3</c>.</param>
public sealed record OutgoingCall(string Purpose, string Host, string Tls)
{
    /// <summary>What is spoken where no policy says anything.</summary>
    internal const SslProtocols Usual = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>When a connection was made last; the same call whenever it was.</summary>
    internal DateTimeOffset At { get; init; }

    internal static string Word(SslProtocols version) =>
        version switch
        {
            SslProtocols.Tls12 => "1.2",
            SslProtocols.Tls13 => "1.3",
            _ => "older",
        };
}
