using Tenet.Billing;
using Tenet.Front;
using Tenet.Inbox.Widget;
using Tenet.Kernel;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Arrival;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Vault;
using Tenet.Odoo;
using Tenet.Privacy;

namespace Tenet;

/// <summary>What the operator decides, from command line, environment and settings file.</summary>
/// <param name="DataFolder">Where the master key and, if Tenet runs its own, the database live.</param>
/// <param name="ConnectionString">The administrator's connection; empty for a PostgreSQL of Tenet's own under the data folder.</param>
internal sealed record TenetOptions(string DataFolder, string ConnectionString)
{
    public int Port { get; init; } = 8080;

    /// <summary>The address of this machine to listen on. What is not loopback should be served with a certificate.</summary>
    public string Listen { get; init; } = "127.0.0.1";
    public TlsOptions Tls { get; init; } = new();
    public ArrivalOptions Arrival { get; init; } = new();
    public MasterKeyOptions MasterKey { get; init; } = new(Path.Combine(DataFolder, "keys", "master.key"));
    public EgressOptions Egress { get; init; } = new();
    public MailOptions Mail { get; init; } = new();
    public JobOptions Jobs { get; init; } = new();
    public TimeSpan LeaveNotice { get; init; }
    public TelemetryOptions Telemetry { get; init; } = new();
    public PolicyOptions Policies { get; init; } = ShippedPolicies;
    public AuditOptions Audit { get; init; } = new(Path.Combine(DataFolder, "audit"));
    public VisitorLimitOptions VisitorLimits { get; init; } = new();
    public RateLimitOptions RateLimits { get; init; } = new();
    public OperatorOptions Operator { get; init; } = new();
    public BillingOptions Billing { get; init; } = new();
    public CopilotOptions Copilot { get; init; } = new();
    public bool Background { get; init; } = true;

    private static PolicyOptions ShippedPolicies { get; } = new(Folder: Path.Combine(AppContext.BaseDirectory, "policies"));

    /// <summary>Serves the demo shop and opens its workspace.</summary>
    public bool Demo { get; init; }

    /// <summary>How others reach this host, for links in letters: <c>https://chat.example.com</c>.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>How this machine reaches the host itself.</summary>
    public string Origin => $"{(Tls.Certificate is null ? "http" : "https")}://127.0.0.1:{Port}";

    /// <summary>Reads the environment, and <c>tenet.json</c> in the data folder below it.</summary>
    public static TenetOptions FromConfiguration(string dataFolder)
    {
        var folder = Path.GetFullPath(dataFolder);
        var configuration = Read(folder);
        return new TenetOptions(folder, configuration.GetConnectionString("Tenet") ?? "")
        {
            Port = configuration.GetValue("Port", 8080),
            Listen = configuration["Listen"] ?? "127.0.0.1",
            Tls = configuration.GetSection("Tls").Get<TlsOptions>() ?? new TlsOptions(),
            Arrival = new ArrivalOptions
            {
                TrustedProxies = configuration.GetSection("TrustedProxies").Get<string[]>() ?? [],
                AllowedHosts = configuration.GetSection("AllowedHosts").Get<string[]>() ?? [],
                HstsDays = configuration.GetValue("HstsDays", 365),
            },
            PublicUrl = configuration["PublicUrl"],
            Operator = configuration.GetSection("Operator").Get<OperatorOptions>() ?? new OperatorOptions(),
            Billing = configuration.GetSection("Billing").Get<BillingOptions>() ?? new BillingOptions(),
            Copilot = configuration.GetSection("Copilot").Get<CopilotOptions>() ?? new CopilotOptions(),
            Telemetry = ReadTelemetry(configuration, folder),
            Policies = ShippedPolicies with
            {
                Default = configuration["Policies:Default"] ?? ShippedPolicies.Default,
                Probing = configuration.GetValue("Policies:Probing", true),
            },
            LeaveNotice = configuration.GetValue("LeaveNotice", TimeSpan.Zero),
            Jobs = configuration.GetSection("Jobs").Get<JobOptions>() ?? new JobOptions(),
            MasterKey = MasterKeySettings.Read(configuration, folder),
            Mail = configuration.GetSection("Mail").Get<MailOptions>() ?? new MailOptions(),
            VisitorLimits = configuration.GetSection("VisitorLimits").Get<VisitorLimitOptions>() ?? new VisitorLimitOptions(),
            RateLimits = configuration.GetSection("RateLimits").Get<RateLimitOptions>() ?? new RateLimitOptions(),
            Audit = ReadAudit(configuration.GetSection("Audit"), folder),
            Egress = new EgressOptions { Loopback = configuration.GetSection("Egress:Loopback").Get<string[]>() ?? [] },
        };
    }

    private static TelemetryOptions ReadTelemetry(IConfiguration configuration, string folder) =>
        new()
        {
            LogFolder = configuration.GetValue("Logs:Files", true) ? Path.Combine(folder, "logs") : null,
            LogMegabytes = configuration.GetValue("Logs:Megabytes", 50),
            OtlpEndpoint = (configuration["Otlp:Endpoint"] ?? configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) is { Length: > 0 } endpoint
                ? new Uri(endpoint)
                : null,
            OtlpHeaders = configuration["Otlp:Headers"] ?? configuration["OTEL_EXPORTER_OTLP_HEADERS"],
            TraceRatio = configuration.GetValue("Otlp:TraceRatio", 1.0),
            ErrorDsn = configuration["ErrorReports:Dsn"] is { Length: > 0 } dsn ? dsn : null,
            Environment = configuration["ErrorReports:Environment"] ?? "production",
        };

    internal static IConfiguration Read(string folder) =>
        new ConfigurationBuilder().AddJsonFile(Path.Combine(folder, "tenet.json"), optional: true).AddEnvironmentVariables().Build();

    internal KernelOptions Kernel() =>
        new(new DatabaseOptions(ConnectionString), MasterKey.Open(Egress), Audit)
        {
            Egress = Egress,
            Mail = Mail,
            Jobs = Jobs,
            LeaveNotice = LeaveNotice,
            RateLimits = RateLimits,
            Telemetry = Telemetry,
            Policies = Policies,
            Arrival = PublicUrl is { } url ? Arrival with { AllowedHosts = [.. Arrival.AllowedHosts, new Uri(url).Host] } : Arrival,
            Background = Background,
        };

    private static AuditOptions ReadAudit(IConfigurationSection audit, string folder)
    {
        var defaults = new AuditOptions(Path.Combine(folder, "audit"));
        return defaults with
        {
            Checkpoints = audit["Checkpoints"] ?? defaults.Checkpoints,
            CheckpointEvery = audit.GetValue("CheckpointEvery", defaults.CheckpointEvery),
            S3 = audit.GetSection("S3").Get<S3Options>() ?? new S3Options(),
        };
    }
}
