using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Vault;

namespace Tenet;

/// <summary>What the operator decides, from command line, environment and settings file.</summary>
internal sealed record TenetOptions(string DataFolder, string ConnectionString)
{
    public int Port { get; init; } = 8080;
    public string MasterKeyFile { get; init; } = Path.Combine(DataFolder, "keys", "master.key");
    public EgressOptions Egress { get; init; } = new();
    public MailOptions Mail { get; init; } = new();
    public bool Background { get; init; } = true;

    /// <summary>How others reach this host, for links in letters: <c>https://chat.example.com</c>.</summary>
    public string? PublicUrl { get; init; }

    public static TenetOptions FromConfiguration(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        var data = configuration["data"] ?? "data";
        return new TenetOptions(
            data,
            configuration.GetConnectionString("Tenet")
                ?? throw new InvalidOperationException("Set ConnectionStrings__Tenet, or start Tenet by ./run.")
        )
        {
            Port = configuration.GetValue("port", 8080),
            PublicUrl = configuration["PublicUrl"],
            Mail = configuration.GetSection("Mail").Get<MailOptions>() ?? new MailOptions(),
            Egress = new EgressOptions { Loopback = configuration.GetSection("Egress:Loopback").Get<string[]>() ?? [] },
        };
    }

    internal KernelOptions Kernel() =>
        new(new DatabaseOptions(ConnectionString), MasterKey.FromFile(MasterKeyFile, create: true))
        {
            Egress = Egress,
            Mail = Mail,
            Background = Background,
        };
}
