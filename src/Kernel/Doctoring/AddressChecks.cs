using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Doctoring;

/// <summary>The address that stands in letters, and the certificate that Tenet serves itself.</summary>
internal static class AddressChecks
{
    public static async Task<IReadOnlyList<Finding>> LookAsync(Installed installed, Egress egress, TimeProvider time, CancellationToken ct)
    {
        var findings = new List<Finding> { await AddressAsync(installed.PublicUrl, egress, ct) };
        // A PFX opens with its password only, which is the host's business.
        if (installed.CertificateFile is { } file && Path.GetExtension(file).ToUpperInvariant() is not (".PFX" or ".P12"))
        {
            findings.Add(Certificate(file, time.GetUtcNow()));
        }
        return findings;
    }

    private static async Task<Finding> AddressAsync(Uri? url, Egress egress, CancellationToken ct)
    {
        const string Check = "address.public";
        if (url is null)
        {
            return Finding.Yellow(
                Check,
                "PublicUrl is not set: links in letters lead to whatever address a request came by.",
                "Set PublicUrl to the address that browsers use, such as https://chat.example.com"
            );
        }
        var isHere = url.IsLoopback || IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address);
        if (url.Scheme != Uri.UriSchemeHttps && !isHere)
        {
            return Finding.Red(
                Check,
                "PublicUrl is not https: sign-in links and cookies would travel in clear.",
                "Put a certificate or a proxy before Tenet."
            );
        }
        try
        {
            var policy = new EgressPolicy("doctor")
            {
                IsRecipient = false,
                OperatorHost = $"{url.IdnHost}:{url.Port}",
                TotalTime = TimeSpan.FromSeconds(10),
            };
            using var answer = await egress.Client(policy).GetAsync(new Uri(url, "/health/live"), ct);
            var text = answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(ct) : "";
            return text.Trim() == "live"
                ? Finding.Green(Check, $"Tenet answers at {url.GetLeftPart(UriPartial.Authority)}.")
                : Finding.Yellow(
                    Check,
                    $"Something other than Tenet answers at {url.GetLeftPart(UriPartial.Authority)} ({(int)answer.StatusCode}).",
                    "Start Tenet, and check where the proxy leads to."
                );
        }
        catch (EgressException e)
        {
            return Finding.Yellow(
                Check,
                $"Nothing answers at {url.GetLeftPart(UriPartial.Authority)} from here: {e.Message}",
                "Start Tenet; check the name's DNS entry, the proxy and its certificate. Some networks cannot reach their own public address."
            );
        }
    }

    internal static Finding Certificate(string file, DateTimeOffset now)
    {
        const string Check = "tls.certificate";
        const string Renew = "Renew it (certbot renew, or your authority) and leave the new file in the same place.";
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Readable(file));
            var left = certificate.NotAfter.ToUniversalTime() - now.UtcDateTime;
            var says = $"The certificate ends on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}.";
            return left <= TimeSpan.Zero ? Finding.Red(Check, $"{says} That is past.", Renew)
                : certificate.NotBefore.ToUniversalTime() > now.UtcDateTime
                    ? Finding.Red(Check, "The certificate is not valid yet.", "Check this machine's clock.")
                : left < TimeSpan.FromDays(14) ? Finding.Yellow(Check, says, Renew)
                : Finding.Green(Check, says);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Finding.Red(Check, "The certificate cannot be read.", "Name a PEM file that the account which runs Tenet may read.");
        }
    }

    // The first certificate of a PEM chain is the server's own.
    private static byte[] Readable(string file)
    {
        var text = File.ReadAllText(file);
        return PemEncoding.TryFind(text, out var found) && text[found.Label] == "CERTIFICATE"
            ? Convert.FromBase64String(text[found.Base64Data])
            : throw new CryptographicException("The file does not begin with a certificate.");
    }
}
