using System.Security.Authentication;

namespace Tenet.Front;

/// <summary>How the host serves HTTPS itself. Without a certificate it serves plain HTTP, for a proxy on the same machine.</summary>
internal sealed record TlsOptions
{
    /// <summary>PEM, the whole chain with the host's own certificate first, or PFX.</summary>
    public string? Certificate { get; init; }

    /// <summary>The private key as PEM; null when the certificate's file holds it.</summary>
    public string? Key { get; init; }

    /// <summary>Of a PFX.</summary>
    public string? Password { get; init; }

    /// <summary>The oldest version that is spoken, 1.2 or 1.3, where the policies in force would allow an older one.</summary>
    public string Minimum { get; init; } = "1.2";

    /// <summary>A port of plain HTTP that sends browsers to HTTPS; null for none.</summary>
    public int? RedirectPort { get; init; }

    /// <exception cref="InvalidOperationException">The version is another one.</exception>
    public SslProtocols Protocols() =>
        Minimum switch
        {
            "1.3" => SslProtocols.Tls13,
            "1.2" => SslProtocols.Tls12 | SslProtocols.Tls13,
            var other => throw new InvalidOperationException($"Tls:Minimum takes 1.2 or 1.3, not {other}. Older versions are broken."),
        };
}
