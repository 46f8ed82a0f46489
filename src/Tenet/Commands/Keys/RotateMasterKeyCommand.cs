using System.CommandLine;
using System.Globalization;
using Tenet.Kernel.Vault;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys rotate master</c>: another master key, and a new root key under it.</summary>
internal static class RotateMasterKeyCommand
{
    private static readonly Option<string?> To = new("--to")
    {
        Description =
            "The key that takes over: file:PATH (made when missing), env:NAME or aws-kms:KEY. Default: a new key in the place of the present file",
        HelpName = "KEY",
    };

    private static readonly Option<bool> KeepOld = new("--keep-old")
    {
        Description =
            "The present key opens the installation too, until this is run again without --keep-old: for several nodes that change one by one",
    };

    private static readonly Option<bool> Revoke = new("--revoke-tokens")
    {
        Description = "Tokens signed so far, such as visitors', count no more: when the key became known to others",
    };

    public static Command Create()
    {
        var command = new Command("master", "Put the installation under another master key and a new root key")
        {
            To,
            KeepOld,
            Revoke,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var lines = await Installation.WithServicesAsync(
                    parsed,
                    "Rotating the master key",
                    (o, s, p) => RotateAsync(parsed, o, s, p, ct),
                    ct
                );
                lines.ForEach(Console.WriteLine);
            }
        );
        return command;
    }

    private static async Task<List<string>> RotateAsync(
        ParseResult parsed,
        TenetOptions options,
        IServiceProvider services,
        IProgress<string> progress,
        CancellationToken ct
    )
    {
        var rotate = services.GetRequiredService<RotateMasterKey>();
        var (place, to) = (new MasterKeyPlace(options.MasterKey.File), parsed.GetValue(To));
        MasterRotationOptions rotation;
        if (to is not null)
            rotation = new(MasterKeySettings.Parse(to, TenetOptions.Read(options.DataFolder), options.Egress));
        else if (options.MasterKey is { Text: null, Kms: null })
        {
            var underWay = (await services.GetRequiredService<KeyStatus>().MasterAsync(ct)).UnderWay;
            rotation = new(place.Next(underWay)) { Swap = place.Swap };
        }
        else
            throw new InvalidOperationException("The master key is not in a file: say with --to which key takes over.");
        rotation = rotation with { KeepOld = parsed.GetValue(KeepOld), RevokeTokens = parsed.GetValue(Revoke) };
        var result = await rotate.RunAsync(rotation, new Telling(progress), ct);
        return [.. Tell(result), .. to is null ? TellPlace(options.MasterKey.File, place) : TellOther(to)];
    }

    private static IEnumerable<string> Tell(MasterRotation result)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Workspaces:N0} workspace keys and {result.Letters:N0} of the installation's values are under root key version {result.Root}."
        );
        if (result.OlderDestroyedAt is { } at)
            yield return $"The older root key was destroyed at {KeysCommand.Time(at)}.";
    }

    private static IEnumerable<string> TellOther(string to) =>
        [$"Now set the master key to {to} where Tenet is started, on every node, before it is started again."];

    private static IEnumerable<string> TellPlace(string file, MasterKeyPlace place) =>
        [
            $"The new master key is {file}: copy it to your backup, and to the other nodes.",
            $"The old one stands beside it as {place.OldName}: delete it once no backup from before is kept.",
        ];

    private sealed class Telling(IProgress<string> to) : IProgress<MasterRotationProgress>
    {
        public void Report(MasterRotationProgress value) =>
            to.Report(
                value switch
                {
                    { Total: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {value.Done:N0} of {value.Total:N0}"),
                    { Done: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {value.Done:N0}"),
                    _ => value.Step,
                }
            );
    }
}
