using System.CommandLine;
using Tenet.Accounts;

namespace Tenet.Commands;

/// <summary><c>tenet sign-in-link EMAIL</c>: for an operator who cannot receive the letter, such as on the first day.</summary>
internal static class SignInLinkCommand
{
    private static readonly Argument<string> Email = new("EMAIL") { Description = "The address of a member" };

    public static Command Create()
    {
        var command = new Command("sign-in-link", "Print a link that signs a member in once, within ten minutes")
        {
            Email,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var options = TenetOptions.FromConfiguration(parsed.GetRequiredValue(Installation.Data));
                options = options with { PublicUrl = options.PublicUrl ?? RunningHost.AddressOf(options.DataFolder) };
                var link = await TenetCommands.WithStatusAsync(
                    "Opening the database",
                    async progress =>
                    {
                        await using var installation = await Installation.JoinAsync(options, progress, ct);
                        return await installation.WithServicesAsync(
                            services =>
                                services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(parsed.GetRequiredValue(Email), ct),
                            ct
                        );
                    }
                );
                Console.WriteLine(link);
            }
        );
        return command;
    }
}
