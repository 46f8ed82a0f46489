using System.CommandLine;
using Tenet.Accounts.Factors;

namespace Tenet.Commands;

/// <summary><c>tenet remove-second-factors EMAIL</c>: for a member who has lost phone, passkeys and recovery codes.</summary>
internal static class RemoveSecondFactorsCommand
{
    private static readonly Argument<string> Email = new("EMAIL") { Description = "The address of a member" };

    public static Command Create()
    {
        var command = new Command(
            "remove-second-factors",
            "Take every second factor off a member who has lost them all, and end their sessions"
        )
        {
            Email,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                await Installation.WithServicesAsync(
                    parsed,
                    "Removing",
                    async (_, services, _) =>
                    {
                        await services.GetRequiredService<SecondFactorReset>().RunAsync(parsed.GetRequiredValue(Email), ct);
                        return true;
                    },
                    ct
                );
                Console.WriteLine("Removed. The member signs in by link alone and can set up new ones.");
            }
        );
        return command;
    }
}
