using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;

namespace Tenet;

/// <summary>Reads where the master key is, from the environment and <c>tenet.json</c>.</summary>
internal static class MasterKeySettings
{
    private const string File = "file:";
    private const string Variable = "env:";
    private const string Kms = "aws-kms:";

    public static MasterKeyOptions Read(IConfiguration configuration, string folder)
    {
        // From the environment only: a settings file is not kept as a key is. Taken out of it, so that PostgreSQL's programs do not inherit it.
        var text = Environment.GetEnvironmentVariable(MasterKeyOptions.Variable);
        Environment.SetEnvironmentVariable(MasterKeyOptions.Variable, null);
        var section = configuration.GetSection("MasterKey:AwsKms");
        return new MasterKeyOptions(configuration["MasterKey:File"] ?? Path.Combine(folder, "keys", "master.key"))
        {
            Text = text is { Length: > 0 } ? text : null,
            Kms = section["KeyId"] is { Length: > 0 } id ? OfKms(id, configuration) : null,
        };
    }

    /// <summary>A master key as the command line names it: <c>file:PATH</c>, <c>env:NAME</c>, <c>aws-kms:KEY</c>.</summary>
    public static MasterKey Parse(string text, IConfiguration configuration, EgressOptions egress)
    {
        if (text.StartsWith(File, StringComparison.Ordinal) && text.Length > File.Length)
            return MasterKey.FromFile(text[File.Length..], create: true);
        if (text.StartsWith(Variable, StringComparison.Ordinal))
            return MasterKey.FromHex((Environment.GetEnvironmentVariable(text[Variable.Length..]) ?? "").Trim(), text[Variable.Length..]);
        if (text.StartsWith(Kms, StringComparison.Ordinal))
            return new MasterKeyOptions("") { Kms = OfKms(text[Kms.Length..], configuration) }.Open(egress);
        throw new InvalidOperationException($"{text} names no master key. Write file:PATH, env:NAME or aws-kms:KEY.");
    }

    private static AwsKmsOptions OfKms(string id, IConfiguration configuration)
    {
        var section = configuration.GetSection("MasterKey:AwsKms");
        // arn:aws:kms:REGION:ACCOUNT:key/ID
        var region =
            section["Region"]
            ?? (id.Split(':') is ["arn", _, "kms", var named, ..] ? named : Environment.GetEnvironmentVariable("AWS_REGION"));
        var credentials = new AwsCredentials(Demand("AWS_ACCESS_KEY_ID"), Demand("AWS_SECRET_ACCESS_KEY"))
        {
            SessionToken = Environment.GetEnvironmentVariable("AWS_SESSION_TOKEN"),
        };
        return new AwsKmsOptions(id, region ?? throw Missing("AWS_REGION"), credentials)
        {
            Endpoint = section["Endpoint"] is { Length: > 0 } endpoint ? new Uri(endpoint) : null,
        };
    }

    private static string Demand(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw Missing(name);

    private static MasterKeyException Missing(string name) =>
        new($"The master key is in AWS KMS, and {name} is not set. Set it and start again.");
}
