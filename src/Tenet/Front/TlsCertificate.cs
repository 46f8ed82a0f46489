using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tenet.Front;

/// <summary>
/// The host's certificate from its files. Handshakes look now and then whether the files have changed, and take the new certificate without
/// a restart; files that cannot be read leave the old one in use.
/// </summary>
internal sealed partial class TlsCertificate
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private ILogger _logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
    private volatile SslServerAuthenticationOptions _current;
    private string _version;
    private long _lookedAt;

    /// <exception cref="InvalidOperationException">The files are missing or do not fit; the message says which.</exception>
    public TlsCertificate(TlsOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _version = VersionOfFiles();
        _current = Load();
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Where later changes are told.</summary>
    public void LogTo(ILogger logger) => _logger = logger;

    /// <summary>What the next handshake is made with.</summary>
    /// <param name="allowed">The versions that the policies in force allow; the operator may allow fewer.</param>
    public SslServerAuthenticationOptions Current(SslProtocols allowed)
    {
        var current = Current();
        var versions = current.EnabledSslProtocols & allowed;
        return versions == current.EnabledSslProtocols
            ? current
            : new SslServerAuthenticationOptions
            {
                ServerCertificateContext = current.ServerCertificateContext,
                EnabledSslProtocols = versions,
                AllowRenegotiation = false,
            };
    }

    internal SslServerAuthenticationOptions Current()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= LookEvery)
        {
            Look();
        }
        return _current;
    }

    private void Look()
    {
        lock (_reading)
        {
            Volatile.Write(ref _lookedAt, _time.GetTimestamp());
            var version = VersionOfFiles();
            if (version.Equals(_version, StringComparison.Ordinal))
            {
                return;
            }
            _version = version;
            try
            {
                _current = Load();
                LogTaken();
            }
            catch (InvalidOperationException e)
            {
                LogKept((e.InnerException ?? e).GetType().Name);
            }
        }
    }

    private string VersionOfFiles() => VersionOf(_options.Certificate!) + VersionOf(_options.Key);

    // Renewal often swaps a link: what it leads to counts.
    private static string VersionOf(string? file)
    {
        if (file is null)
        {
            return "";
        }
        var info = new FileInfo(file);
        if (!info.Exists)
        {
            return "none;";
        }
        info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
        return info.Exists ? $"{info.FullName} {info.LastWriteTimeUtc.Ticks} {info.Length};" : "none;";
    }

    private SslServerAuthenticationOptions Load()
    {
        try
        {
            var all = IsPfx(_options.Certificate!)
                ? X509CertificateLoader.LoadPkcs12CollectionFromFile(_options.Certificate!, _options.Password)
                : FromPem();
            var own =
                all.FirstOrDefault(certificate => certificate.HasPrivateKey)
                ?? throw new CryptographicException("There is no private key with the certificate.");
            all.Remove(own);
            return new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(own, all, offline: true),
                EnabledSslProtocols = _options.Protocols(),
                // A resumed session would go on under the old certificate for a while, which does no harm.
                AllowRenegotiation = false,
            };
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or AuthenticationException)
        {
            throw new InvalidOperationException(
                $"The certificate in {_options.Certificate} cannot be used: {e.Message} Tls:Certificate takes a PEM with its key in Tls:Key, or a PFX.",
                e
            );
        }
    }

    private X509Certificate2Collection FromPem()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_options.Certificate!);
        if (chain.Count > 0)
        {
            chain.RemoveAt(0);
        }
        chain.Insert(0, X509Certificate2.CreateFromPemFile(_options.Certificate!, _options.Key));
        return chain;
    }

    private static bool IsPfx(string file) => Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12";

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificate was renewed; new connections use it")]
    private partial void LogTaken();

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The certificate's files changed and cannot be used ({Error}); the old one stays in use"
    )]
    private partial void LogKept(string error);
}
