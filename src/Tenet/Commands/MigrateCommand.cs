using System.CommandLine;
using Tenet.Kernel.Postgres;

namespace Tenet.Commands;

/// <summary><c>tenet migrate</c>: brings the schema up to date without serving, for a deployment's own step.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var command = new Command("migrate", "Bring the database's schema up to date and stop") { Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                var applied = await TenetCommands.WithStatusAsync(
                    "Opening the database",
                    async progress =>
                    {
                        await using var installation = await Installation.JoinAsync(options, progress, ct);
                        progress.Report("Applying the schema");
                        await using var app = TenetHost.Build([], installation.Options with { Background = false });
                        return await app.Services.GetRequiredService<Migrator>().MigrateAsync(ct);
                    }
                );
                Console.WriteLine(applied == 0 ? "The schema is up to date." : $"Applied {applied} schema files.");
            }
        );
        return command;
    }
}
